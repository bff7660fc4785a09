import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { openStore } from "../../src/state/store.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import { openStage, type Stage } from "./stage.ts";
import { sweepWorld } from "./world.ts";

const YEAR = 365 * 86_400_000;
let stage: Stage;
let scenes = 0;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe("whatever the clock does between and during sweeps", () => {
  it("no magnet counts as failing for longer than the sweeps could see, and none goes early", async () => {
    const step = fc.oneof(
      fc.constantFrom(0, 1, 1_800_000, 3_600_000, YEAR, -YEAR, 30 * YEAR, -30 * YEAR),
      fc.integer({ min: -YEAR, max: YEAR }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(step, step), { minLength: 4, maxLength: 12 }), async (steps) => {
        const n = ++scenes;
        const account = stage.alldebrid.addAccount({
          key: `clock-key-${n}`,
          username: `clock-${n}`,
          magnets: [{ id: 1, life: neverRecovers(0) }],
        });
        const disk = new DiskModel();
        let clock = Date.UTC(2026, 0, 1);
        let sweeps = 0;
        for (const [between, during] of steps) {
          let looks = 0;
          const now = () => {
            // It steps in the middle of the sweep.
            if (++looks === 3) clock = clamp(clock + during);
            return new Date(clock);
          };
          const policy = { minFailingHours: 120, maxRetries: { expired: 2, error: 2 } };
          const options = { fs: disk, folder: disk.folder, accounts: [account], policy, now };
          await sweepWorld(stage.alldebrid, options);
          sweeps++;
          const store = await openStore({ fs: disk, folder: disk.folder, mode: "read", now });
          expect(store.problems).toEqual([]);
          // Of a gap, a day counts at most: five days take six sightings or more.
          if (sweeps < 6) expect(account.deletions).toEqual([]);
          const record = store.counters.get("1");
          if (record) {
            expect(record.fails).toBe(sweeps);
            expect(record.failing_seconds).toBeGreaterThanOrEqual(0);
            expect(record.failing_seconds).toBeLessThanOrEqual(86_400 * (sweeps - 1));
          }
          clock = clamp(clock + between);
          stage.alldebrid.clock.advance(1_000);
        }
      }),
      { numRuns: 25 },
    );
  });
});

/** Between 1971 and 9999, as far as clocks go. */
function clamp(time: number): number {
  return Math.min(Math.max(time, YEAR), Date.UTC(9990, 0));
}
