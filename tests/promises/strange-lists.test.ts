import { afterEach, beforeEach, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { SimulatedWorld } from "./simulated-world.ts";

const HALF_AN_HOUR = 30 * 60_000;

let world: SimulatedWorld;
let account: SandboxAccount;
beforeEach(async () => {
  const strange = { key: "strange-key", otherKeys: ["second-key"], username: "strange" };
  world = await SimulatedWorld.open({ accounts: [{ ...strange, activeSlots: 20_000, totalSlots: 20_000 }] });
  account = world.alldebrid.account();
});
afterEach(() => world.close());

/** A sweep, half an hour after the one before. */
async function sweep(keys: Parameters<SimulatedWorld["sweep"]>[0] = [account]) {
  world.time.pass(HALF_AN_HOUR);
  return (await world.time.run(() => world.sweep(keys))).value;
}

const fails = async () => [...(await world.store()).counters].map(([id, counter]) => [id, counter.fails]);
const addFailing = (id: number) => account.add({ id, life: neverRecovers(5) });

it("ids that are none, and names of an object's inner life, touch nothing", async () => {
  addFailing(7);
  const real = { id: 7, filename: "real", status: "No peer", statusCode: 15 };
  const ids = [
    "__proto__",
    "constructor",
    "toString",
    -1,
    0,
    1.5,
    1e300,
    null,
    true,
    {},
    [],
    "",
    "7x",
    " 7",
    "٧",
  ];
  const magnets = [...ids.map((id) => ({ ...real, id })), null, 17, "x", [], real];
  world.alldebrid.fault(({ form }) => form.has("status"), {
    kind: "json",
    value: { status: "success", data: { magnets } },
  });
  await sweep();
  const keyed = `{"status":"success","data":{"magnets":{"__proto__":{"id":"__proto__"},"constructor":${JSON.stringify(real)}}}}`;
  world.alldebrid.clearFaults();
  world.alldebrid.fault(({ form }) => form.has("status"), { kind: "http", status: 200, body: keyed });
  await sweep();
  expect(await fails()).toEqual([["7", 2]]);
  expect(world.log.join("\n")).toMatch(/warning strange: the error list: \d+ entries can't be read/);
  expect(Object.hasOwn(Object.prototype, "id")).toBe(false);
});

it("a magnet shown many times, in both lists, by both kinds of id, under two keys, is one sighting", async () => {
  addFailing(7);
  world.alldebrid.fault(({ form }) => form.has("status"), {
    kind: "json",
    value: { status: "success", data: { magnets: [7, "7", "007", 7].map((id) => ({ id, statusCode: 15 })) } },
  });
  await sweep([account, { key: "second-key", username: "second" }]);
  expect(world.log.join("\n")).toContain("warning second is the same AllDebrid account as strange");
  expect(await fails()).toEqual([["7", 1]]);
  expect(account.find(7)?.restarts).toBe(1);
});

it("the wrong magnet for an id is no answer: nothing is forgotten or settled", async () => {
  addFailing(1);
  await world.write("retry_counts.json", { "9": { fails: 2, last_status: "error" } });
  const ready = { id: 8, filename: "another", status: "Ready", statusCode: 4 };
  world.alldebrid.fault(({ form }) => form.has("id") && !form.has("status"), {
    kind: "json",
    value: { status: "success", data: { magnets: ready } },
  });
  const report = await sweep();
  expect(report.exit_code).toBe(3);
  expect(report.accounts[0]?.error).toContain("another magnet");
  expect(await fails()).toContainEqual(["9", 2]);
});

it("ten thousand magnets are counted, restarted and held in bounded time and memory", async () => {
  for (let n = 0; n < 10_000; n++) addFailing(1_000_000 + n);
  const before = process.memoryUsage().rss;
  await sweep();
  await sweep();
  // The third sighting: all are due, which max_deletes_per_run holds, and none is restarted.
  const report = await sweep();
  expect(report.exit_code).toBe(3);
  expect(Date.parse(report.finished_at) - Date.parse(report.started_at)).toBeLessThan(60_000);
  expect(process.memoryUsage().rss - before, "bytes").toBeLessThan(800 * 1024 ** 2);
  expect(account.deletions).toEqual([]);
  const { counters } = await world.store();
  expect(counters.size).toBe(10_000);
  expect([...counters.values()].every(({ fails, restarts }) => fails === 3 && restarts === 2)).toBe(true);
}, 120_000);
