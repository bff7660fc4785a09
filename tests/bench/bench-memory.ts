import { type Figure, megabytes, mostGoal } from "./figures.ts";
import { median, runProbed } from "./measure.ts";
import type { Programs } from "./programs.ts";
import { openWorld } from "./world.ts";

const MAGNETS = 1000;

/** The peak memory of a sweep that restarts 1,000 magnets in each account: one account, and `many`. */
export async function benchMemory(programs: Programs, many: number): Promise<Figure[]> {
  return [await benchAccounts(programs, 1, 80e6, 3), await benchAccounts(programs, many, 150e6, 1)];
}

async function benchAccounts(
  { now, earlier }: Programs,
  accounts: number,
  most: number,
  times: number,
): Promise<Figure> {
  const peak = await peakOf(now, accounts, times);
  return {
    what: `peak memory, ${accounts} × ${MAGNETS} magnets failing`,
    now: megabytes(peak),
    earlier: earlier && megabytes(await peakOf(earlier, accounts, times)),
    goals: [mostGoal(peak, most, megabytes)],
  };
}

async function peakOf(program: string, accounts: number, times: number): Promise<number> {
  const peaks: number[] = [];
  for (let i = 0; i < times; i++) {
    const world = await openWorld({ accounts, failing: MAGNETS, settings: { max_retries: 1_000_000 } });
    try {
      const args = [program, "run-once", "--state-dir", world.state];
      peaks.push((await runProbed(args, world)).peakBytes);
    } finally {
      await world.close();
    }
  }
  return median(peaks);
}
