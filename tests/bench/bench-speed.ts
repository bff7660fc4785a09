import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type Figure, type Goal, milliseconds, mostGoal, ratioGoal } from "./figures.ts";
import { measureInTurn, runNode } from "./measure.ts";
import { buildFloor, type Programs, ROOT } from "./programs.ts";
import { openWorld, sampleCounters, type World, type WorldWish } from "./world.ts";

const MOST_BY_FLOOR = 1.3;
const MOST_SLOWER_MS = 60;

/** A sweep of one account in which nothing fails, at 50 ms a request, and `status` with 200 counters. */
export async function benchSpeed(programs: Programs, rounds: number): Promise<Figure[]> {
  const sweepFloor = import.meta.resolve("./floor-sweep.ts");
  const sweep = await measureCommand("run-once", programs, sweepFloor, { failing: 0, latencyMs: 50 }, rounds);
  const statusFloor = import.meta.resolve("./floor-status.ts");
  const counted = { failing: 0, counters: sampleCounters(200) };
  const status = await measureCommand("status", programs, statusFloor, counted, rounds);
  return [
    speedFigure("quiet sweep, two empty lists, 50 ms a request", sweep, slowerGoals(sweep)),
    speedFigure("`status`, 200 counters", status),
  ];
}

/** Milliseconds. */
interface Took {
  readonly now: number;
  readonly floor: number;
  /** NaN where there is nothing to compare with. */
  readonly earlier: number;
  /** What reading and compiling the bundle takes of `now` and of `floor`. */
  readonly nowLoading: number;
  readonly floorLoading: number;
}

/** Each program has a world of its own, else they would share AllDebrid's limits. */
async function measureCommand(
  command: string,
  programs: Programs,
  floorAddress: string,
  wish: WorldWish,
  rounds: number,
): Promise<Took> {
  const worlds: World[] = [];
  const measure = async (script: string) => {
    const world = await openWorld(wish);
    worlds.push(world);
    return () => runNode([script, command, "--state-dir", world.state], world);
  };
  const folder = await mkdtemp(join(tmpdir(), "magnets-floor-"));
  try {
    const floor = await buildFloor(floorAddress, folder);
    const measureLoading = async (bundle: string) => {
      const ended = join(folder, `loading-${basename(bundle)}`);
      await writeFile(ended, `return;\n${await readFile(bundle, "utf8")}`);
      return () => runNode([ended], { cwd: folder, env: {} });
    };
    const { empty, nowBundle, floorBundle, ...took } = await measureInTurn(rounds, {
      now: await measure(programs.now),
      floor: await measure(floor),
      earlier: programs.earlier ? await measure(programs.earlier) : async () => Number.NaN,
      nowBundle: await measureLoading(join(ROOT, "dist/cli.cjs")),
      floorBundle: await measureLoading(floor),
      empty: () => runNode(["-e", "0"], { cwd: folder, env: {} }),
    });
    return { ...took, nowLoading: nowBundle - empty, floorLoading: floorBundle - empty };
  } finally {
    await Promise.all(worlds.map((world) => world.close()));
    await rm(folder, { recursive: true });
  }
}

function speedFigure(what: string, took: Took, more: readonly Goal[] = []): Figure {
  const { now, floor, earlier, nowLoading, floorLoading } = took;
  const why =
    `${milliseconds(now - floor)} over the floor; reading and compiling the bundle takes ` +
    `${milliseconds(nowLoading)} here and ${milliseconds(floorLoading)} there`;
  return {
    what,
    now: milliseconds(now),
    floor: milliseconds(floor),
    earlier: Number.isNaN(earlier) ? undefined : milliseconds(earlier),
    goals: [{ ...ratioGoal(now, floor, MOST_BY_FLOOR, "floor"), why }, ...more],
  };
}

function slowerGoals({ now, earlier }: Took): Goal[] {
  if (Number.isNaN(earlier)) return [];
  const goal = mostGoal(now - earlier, MOST_SLOWER_MS, milliseconds);
  return [{ ...goal, text: `${goal.text} slower than before` }];
}
