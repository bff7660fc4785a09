import { setTimeout as sleep } from "node:timers/promises";
import { leastMs } from "./bench-deletions.ts";
import { type BenchWorld, keysFor, openWorld } from "./bench-world.ts";
import { type Figure, megabytes, ratioFigure, seconds } from "./figure.ts";
import { runProbed } from "./run-process.ts";
import { sampleCounters } from "./sample-counters.ts";
import { sideBySide } from "./side-by-side.ts";

const MAGNETS = 1000;
/** As many as one account may have active at once. */
const SOME = 30;

/**
 * Accounts of 1,000 magnets each, some of them in failure or all: time and memory for each number of keys. A
 * counter whose magnet nobody has makes the sweep read the long lists of ready magnets, too.
 */
export async function benchManyKeys(counts: readonly number[]): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const failing of [SOME, MAGNETS]) {
    for (const count of counts) figures.push(...(await benchKeys(count, failing)));
  }
  return figures;
}

async function benchKeys(count: number, failing: number): Promise<Figure[]> {
  const settings = { max_retries: 1_000_000 };
  const wish = { keys: keysFor(count), failing, ready: MAGNETS - failing, latencyMs: 0 };
  const world = await openWorld(wish, { settings, counters: sampleCounters(1) });
  try {
    const answer = await largestAnswer(world);
    const empty = await emptyPeak(world);
    // What has been asked for the answer's size must not count against this run's limits.
    await sleep(1000);
    await world.report();
    const run = await world.probed("run-once");
    const seen = await world.report();
    const keys = `${count} ${count === 1 ? "key" : "keys"} × ${MAGNETS} magnets, ${failing} failing`;
    return [
      {
        what: `${keys}: time`,
        measured: seconds(run.ms),
        baseline: `${seconds(leastMs(seen.requests))} (${seen.requests} requests at 12/s)`,
        ratio: `${seconds(run.ms / count)} a key, ${seen.refused} refused`,
        goal: "linear, none",
        met: seen.refused === 0 && run.ms <= 1.15 * leastMs(seen.requests) + 1000,
      },
      ratioFigure({
        what: "… peak memory",
        measured: run.peakBytes,
        baseline: 1.5 * empty + 3 * answer,
        most: 1,
        unit: megabytes,
        note: `1.5 × node -e 0 + 3 × an answer of ${megabytes(answer)}`,
      }),
    ];
  } finally {
    await world.close();
  }
}

async function emptyPeak(world: BenchWorld): Promise<number> {
  const { empty } = await sideBySide(3, {
    empty: async () => (await runProbed(["-e", "0"], world)).peakBytes,
  });
  return empty;
}

/** Bytes of the longest list that an account answers with. */
async function largestAnswer({ place }: BenchWorld): Promise<number> {
  const sizes = ["error", "ready"].map(async (status) => {
    const answer = await fetch(`${place.apiUrl}/v4.1/magnet/status`, {
      method: "POST",
      headers: { authorization: `Bearer ${keysFor(1)[0]}` },
      body: new URLSearchParams({ status }),
    });
    return (await answer.arrayBuffer()).byteLength;
  });
  return Math.max(...(await Promise.all(sizes)));
}
