import { expect } from "vitest";
import type { Behaviour } from "../../examples/sandbox/behaviour.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { RecordedRequest } from "../../examples/sandbox/recorded-request.ts";
import { openStore } from "../../src/state/store.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import type { Stage } from "./crash-scene.ts";
import { FAULTS } from "./fault-battery.ts";
import { fingerprintOf, sweepWorld } from "./world.ts";

/** For one attempt; what takes longer is a fault. */
const DEADLINE_MS = 250;
/** Making floods keeps this process, which plays the server too, from answering others in time. */
const PATIENCE_MS = 5_000;
const MIB = 1024 ** 2;

let cases = 0;

/** Requests by what they are for. */
export const ENDPOINTS: Readonly<Record<string, (request: RecordedRequest) => boolean>> = {
  "a failing list": ({ form }) => form.get("status") === "error",
  "the lists": ({ form }) => form.has("status"),
  "a question by id": ({ endpoint, form }) => endpoint === "status" && form.has("id"),
  "a restart": ({ endpoint }) => endpoint === "restart",
  "a deletion": ({ endpoint }) => endpoint === "delete",
  everything: () => true,
};

/** Two accounts with work to do, of which the first will meet a fault. */
function openWorld(stage: Stage, deadlineMs: number) {
  const n = ++cases;
  stage.alldebrid.requests.length = 0;
  stage.alldebrid.clearFaults();
  const failing = (id: number) => ({ id, life: neverRecovers(5) });
  const main = stage.alldebrid.addAccount({
    key: `faulty-${n}-key`,
    username: `faulty-${n}`,
    magnets: [1, 2, 3].map(failing),
  });
  const spare = stage.alldebrid.addAccount({
    key: `healthy-${n}-key`,
    username: `healthy-${n}`,
    magnets: [11, 12].map(failing),
  });
  const disk = new DiskModel();
  const account = fingerprintOf(main);
  const due = { fails: 2, last_status: "error" };
  // 4 is gone, which only a question by id can tell.
  const counters = { "2": { ...due, fails: 1 }, "3": due, "4": { ...due, account }, "12": due };
  disk.put("retry_counts.json", JSON.stringify(counters));
  const webhook = stage.discord.addWebhook();
  const log: string[] = [];
  return {
    main,
    spare,
    log,
    counters: async () =>
      (await openStore({ fs: disk, folder: disk.folder, mode: "read", now: () => new Date() })).counters,
    sweep: () =>
      sweepWorld(stage.alldebrid, {
        fs: disk,
        folder: disk.folder,
        accounts: [main, spare],
        webhook,
        deadlineMs,
        log: (line) => log.push(line),
      }),
    announced: () =>
      stage.discord.messages
        .filter(({ url }) => url === webhook)
        .flatMap(({ embeds }) =>
          embeds.flatMap(({ fields }) => fields?.find(({ name }) => name === "ID")?.value ?? []),
        ),
  };
}

const deletedIn = (world: ReturnType<typeof openWorld>) =>
  [world.main, world.spare].flatMap(({ deletions }) => deletions.map(({ magnet }) => String(magnet.id)));

/** Only the deadline ends it. */
function isSilent({ kind }: Behaviour): boolean {
  return kind === "no-header" || kind === "drip";
}

/** A deletion that was carried out, and its answer cut off: asked again, it is gone, so all is well. */
function isOvercome(endpoint: string, fault: string): boolean {
  return endpoint === "a deletion" && fault.startsWith("truncated JSON");
}

/** One sweep in which all such requests of the first account meet the fault; then it goes, and all is made up for. */
export async function meetFault(stage: Stage, endpoint: string, fault: string): Promise<void> {
  const [match, behaviour] = [ENDPOINTS[endpoint], FAULTS[fault]];
  if (!match || !behaviour) throw new Error(`no such case: ${endpoint}, ${fault}`);
  const world = openWorld(stage, isSilent(behaviour) ? DEADLINE_MS : PATIENCE_MS);
  const { main, spare, log } = world;
  stage.alldebrid.fault((request) => request.account === main.username && match(request), behaviour);
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  const report = await world.sweep();
  expect(performance.now() - begun, "milliseconds").toBeLessThan(2 * PATIENCE_MS);
  expect(process.memoryUsage().rss - before, "bytes").toBeLessThan(500 * MIB);

  // Which account, and what.
  const said = log.filter((line) => /^(error|warning) /.test(line));
  if (isOvercome(endpoint, fault)) {
    expect(report.exitCode, log.join("\n")).toBe(0);
  } else {
    expect(report.exitCode, log.join("\n")).toBe(3);
    expect(said.join("\n")).toContain(`${main.username}: `);
  }
  expect(said.join("\n")).not.toContain(spare.username);
  for (const line of said) expect(line.length, line).toBeLessThan(400);

  // The other account is unharmed; what is announced was deleted; nothing that stays was forgotten.
  expect(spare.deletions.map(({ magnet }) => magnet.id)).toEqual([12]);
  expect(spare.magnets().map(({ id, restarts }) => [id, restarts])).toEqual([[11, 1]]);
  expect(world.announced().sort()).toEqual(deletedIn(world).sort());
  const counters = await world.counters();
  for (const id of ["2", "3"]) expect(counters.has(id) || deletedIn(world).includes(id), id).toBe(true);

  // And once the fault is gone, all is as if it had not been.
  stage.alldebrid.clearFaults();
  for (let n = 0; n < 4; n++) {
    stage.alldebrid.clock.advance(30 * 60_000);
    await world.sweep();
  }
  expect(deletedIn(world).sort()).toEqual(["1", "11", "12", "2", "3"]);
  expect(world.announced().sort()).toEqual(["1", "11", "12", "2", "3"]);
  expect((await world.counters()).size).toBe(0);
}
