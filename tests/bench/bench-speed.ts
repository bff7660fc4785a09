import { type Figure, type Goal, milliseconds, mostGoal, ratioGoal } from "./figures.ts";
import { measureInTurn, runNode } from "./measure.ts";
import { buildFloor, type Programs } from "./programs.ts";
import { openWorld, sampleCounters, type World } from "./world.ts";

const MOST_BY_FLOOR = 1.3;
const MOST_SLOWER_MS = 60;

/** A sweep of one account in which nothing fails, at 50 ms a request, and `status` with 200 counters. */
export async function benchSpeed(programs: Programs, rounds: number): Promise<Figure[]> {
  const quiet = await openWorld({ failing: 0, latencyMs: 50 });
  const counted = await openWorld({ failing: 0, counters: sampleCounters(200) });
  try {
    const sweep = await measureCommand(
      quiet,
      programs,
      "run-once",
      import.meta.resolve("./floor-sweep.ts"),
      rounds,
    );
    const status = await measureCommand(
      counted,
      programs,
      "status",
      import.meta.resolve("./floor-status.ts"),
      rounds,
    );
    return [
      speedFigure("quiet sweep, two empty lists, 50 ms a request", sweep, slowerGoals(sweep)),
      speedFigure("`status`, 200 counters", status),
    ];
  } finally {
    await Promise.all([quiet.close(), counted.close()]);
  }
}

interface Took {
  readonly now: number;
  readonly floor: number;
  /** NaN where there is nothing to compare with. */
  readonly earlier: number;
}

async function measureCommand(
  world: World,
  { now, earlier }: Programs,
  command: string,
  floorAddress: string,
  rounds: number,
): Promise<Took> {
  const floor = await buildFloor(floorAddress, world.cwd);
  const measure = async (name: string, script: string) => {
    const state = await world.stateFolder(name);
    return () => runNode([script, command, "--state-dir", state], world);
  };
  return measureInTurn(rounds, {
    now: await measure("now", now),
    floor: await measure("floor", floor),
    earlier: earlier === undefined ? async () => Number.NaN : await measure("earlier", earlier),
  });
}

function slowerGoals({ now, earlier }: Took): Goal[] {
  if (Number.isNaN(earlier)) return [];
  const goal = mostGoal(now - earlier, MOST_SLOWER_MS, milliseconds);
  return [{ ...goal, text: `${goal.text} slower than before` }];
}

function speedFigure(what: string, { now, floor, earlier }: Took, more: readonly Goal[] = []): Figure {
  return {
    what,
    now: milliseconds(now),
    floor: milliseconds(floor),
    earlier: Number.isNaN(earlier) ? undefined : milliseconds(earlier),
    goals: [ratioGoal(now, floor, MOST_BY_FLOOR, "floor"), ...more],
  };
}
