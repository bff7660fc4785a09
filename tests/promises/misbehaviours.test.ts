import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { neverRecovers, processing, recovers } from "../../examples/sandbox/magnet-life.ts";
import { MISBEHAVIOURS } from "../../examples/sandbox/misbehaviours.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { SimulatedWorld, type WorldKey } from "./simulated-world.ts";

const HALF_AN_HOUR = 30 * 60_000;
const MAX_RETRIES = 3;

/** Fail for good. */
const DOOMED = [101, 102];
/** Begin to fail while AllDebrid misbehaves. */
const DOOMED_LATER = [103, 104];
/** Must survive: ready, processing, and recovered by their first restart, before and meanwhile. */
const WORKING = [201, 202, 203, 204];

let world: SimulatedWorld;
let account: SandboxAccount;
beforeEach(async () => {
  const later = (life: object) => ({ ...life, now: "ready", failsAfterMinutes: 50 }) as const;
  const magnets = [
    ...DOOMED.map((id) => ({ id, life: neverRecovers(5) })),
    ...DOOMED_LATER.map((id) => ({ id, life: later(neverRecovers(5)) })),
    { id: 201 },
    { id: 202, life: processing() },
    { id: 203, life: recovers(10) },
    { id: 204, life: later(recovers(10)) },
  ];
  world = await SimulatedWorld.open({ accounts: [{ key: "key-of-main", username: "main", magnets }] });
  account = world.alldebrid.account();
});
afterEach(() => world.close());

/** Sweeps in which each magnet was failing when they began, by id. */
const failed = new Map<number, number>();
beforeEach(() => failed.clear());

async function sweeps(count: number, keys: readonly WorldKey[]): Promise<number[]> {
  const codes: number[] = [];
  for (let n = 0; n < count; n++) {
    for (const magnet of account.magnets()) {
      if (magnet.stage(Date.now()).state === "failing")
        failed.set(magnet.id, (failed.get(magnet.id) ?? 0) + 1);
    }
    codes.push((await world.time.run(() => world.sweep(keys))).value.exit_code);
    world.time.pass(HALF_AN_HOUR);
  }
  return codes;
}

/** Faults and moods pass; keys and endpoints stay as they have become. */
function calmDown(): void {
  world.alldebrid.clearFaults();
  account.thawLists();
  Object.assign(account, {
    ignoresFilter: false,
    refusesRestarts: null,
    deletes: "at once",
    listsDeleted: 0,
  });
}

describe("whatever AllDebrid does, no deletion is wrong, unrecorded, unannounced or announced twice, and none is stuck", () => {
  const names = Object.keys(MISBEHAVIOURS).filter((name) => name !== "ids-reused");

  it.each(names)("%s", async (name) => {
    await sweeps(1, [account]);
    MISBEHAVIOURS[name]?.start(world.alldebrid);
    const keys: WorldKey[] = [account];
    if (name === "two-keys") keys.push({ key: `${account.key}-second`, username: "second" });
    await sweeps(4, keys);
    calmDown();
    const codes = await sweeps(6, keys);

    const deleted = account.deletions.map(({ magnet }) => magnet.id);
    for (const { magnet, at } of account.deletions) {
      expect(magnet.stage(at).state, String(magnet.id)).toBe("failing");
      expect(magnet.restarts, String(magnet.id)).toBeGreaterThan(0);
      expect(failed.get(magnet.id), String(magnet.id)).toBeGreaterThanOrEqual(MAX_RETRIES);
    }
    const story = world.log.join("\n");
    expect(deleted.sort(), story).toEqual([...DOOMED, ...DOOMED_LATER]);
    expect(account.magnets().map(({ id }) => id)).toEqual(WORKING);
    const recorded = (await (await world.store()).readDeletions()).map(({ id }) => Number(id)).sort();
    expect(recorded, story).toEqual(deleted);
    expect(world.announced().map(Number).sort(), story).toEqual(deleted);
    expect((await world.store()).counters.size).toBe(0);
    expect(codes.at(-1), story).toBe(0);
    expect(world.alldebrid.violations).toEqual([]);
    expect(world.alldebrid.peak.second).toBeLessThanOrEqual(10);
  });

  it("ids-reused: each other torrent starts anew", async () => {
    await sweeps(2, [account]);
    const before = failed.get(DOOMED[0] ?? 0);
    expect(before).toBe(2);
    failed.clear();
    MISBEHAVIOURS["ids-reused"]?.start(world.alldebrid);
    const others = account.magnets().length;
    await sweeps(6, [account]);
    const byProgram = account.deletions.filter(({ by }) => by === "api").map(({ magnet }) => magnet.id);
    expect(byProgram).toHaveLength(others);
    for (const id of byProgram) expect(failed.get(id), String(id)).toBeGreaterThanOrEqual(MAX_RETRIES);
    expect(world.announced().map(Number).sort()).toEqual(byProgram.sort());
  });
});
