import { afterAll, beforeAll, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { openStore } from "../../src/state/store.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import { openStage, type Stage } from "./crash-scene.ts";
import { sweepWorld } from "./world.ts";

let stage: Stage;
let accounts = 0;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

/** An account with these magnets failing, and these counters. */
function open(ids: readonly number[], counters: Record<string, unknown> = {}, keys = 1) {
  stage.alldebrid.clearFaults();
  const n = ++accounts;
  const magnets = ids.map((id) => ({ id, life: neverRecovers(5) }));
  const account = stage.alldebrid.addAccount({
    key: `strange-key-${n}`,
    otherKeys: [`other-strange-key-${n}`],
    username: `strange-${n}`,
    activeSlots: 20_000,
    totalSlots: 20_000,
    magnets,
  });
  const disk = new DiskModel();
  disk.put("retry_counts.json", JSON.stringify(counters));
  const log: string[] = [];
  return {
    account,
    log,
    sweep: (policy = {}) =>
      sweepWorld(stage.alldebrid, {
        fs: disk,
        folder: disk.folder,
        accounts: [account, { key: `other-strange-key-${n}`, username: `strange-too-${n}` }].slice(0, keys),
        policy,
        log: (line) => log.push(line),
      }),
    store: () => openStore({ fs: disk, folder: disk.folder, mode: "read", now: () => new Date() }),
  };
}

it("ids that are none, and names of an object's inner life, touch nothing", async () => {
  const world = open([7]);
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
  stage.alldebrid.fault(({ form }) => form.has("status"), {
    kind: "json",
    value: { status: "success", data: { magnets } },
  });
  await world.sweep();
  const keyed = `{"status":"success","data":{"magnets":{"__proto__":{"id":"__proto__"},"constructor":${JSON.stringify(real)}}}}`;
  stage.alldebrid.clearFaults();
  stage.alldebrid.fault(({ form }) => form.has("status"), { kind: "http", status: 200, body: keyed });
  await world.sweep();
  expect([...(await world.store()).counters].map(([id, { fails }]) => [id, fails])).toEqual([["7", 2]]);
  expect(world.log.join("\n")).toMatch(/warning strange-\d+: the error list: \d+ entries can't be read/);
  expect(Object.hasOwn(Object.prototype, "id")).toBe(false);
});

it("a magnet shown many times, in both lists, by both kinds of id, under two keys, is one sighting", async () => {
  const world = open([7], {}, 2);
  stage.alldebrid.fault(({ form }) => form.has("status"), {
    kind: "json",
    value: { status: "success", data: { magnets: [7, "7", "007", 7].map((id) => ({ id, statusCode: 15 })) } },
  });
  await world.sweep();
  expect(stage.alldebrid.requestsTo(({ key }) => key?.startsWith("other-") ?? false).length).toBeGreaterThan(
    1,
  );
  expect((await world.store()).counters.get("7")?.fails).toBe(1);
  expect(world.account.find(7)?.restarts).toBe(1);
});

it("the wrong magnet for an id is no answer: nothing is forgotten or settled", async () => {
  const mine = open([1], { "9": { fails: 2, last_status: "error" } });
  const ready = { id: 8, filename: "another", status: "Ready", statusCode: 4 };
  stage.alldebrid.fault(({ form }) => form.has("id") && !form.has("status"), {
    kind: "json",
    value: { status: "success", data: { magnets: ready } },
  });
  const report = await mine.sweep();
  expect(report.exitCode).toBe(3);
  expect(report.errors.join()).toContain("another magnet");
  expect((await mine.store()).counters.get("9")?.fails).toBe(2);
});

it("ten thousand magnets are counted, restarted and held in bounded time and memory", async () => {
  const ids = Array.from({ length: 10_000 }, (_, index) => 1_000_000 + index);
  const world = open(ids);
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  await world.sweep();
  stage.alldebrid.clock.advance(30 * 60_000);
  await world.sweep();
  stage.alldebrid.clock.advance(30 * 60_000);
  // The third sighting: all are due, which max_deletes_per_run holds.
  const report = await world.sweep();
  expect(report.exitCode).toBe(3);
  expect(performance.now() - begun, "milliseconds").toBeLessThan(60_000);
  expect(process.memoryUsage().rss - before, "bytes").toBeLessThan(800 * 1024 ** 2);
  expect(world.account.deletions).toEqual([]);
  const { counters } = await world.store();
  expect(counters.size).toBe(10_000);
  expect([...counters.values()].every(({ fails, restarts }) => fails === 3 && restarts === 3)).toBe(true);
}, 120_000);
