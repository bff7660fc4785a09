import { keysFor, openWorld } from "./bench-world.ts";
import { type Figure, seconds } from "./figure.ts";
import { sideBySide } from "./side-by-side.ts";

const MAGNETS = 1000;

/** 1,000 failing magnets of one account, all to be restarted, at 50 ms a request. */
export async function benchRestarts(repetitions: number): Promise<Figure[]> {
  const settings = { max_retries: 1_000_000 };
  const world = await openWorld({ keys: keysFor(1), failing: MAGNETS, latencyMs: 50 }, { settings });
  try {
    let requests = 0;
    let restarts = MAGNETS;
    const took = await sideBySide(repetitions, {
      sweep: async () => {
        const { ms } = await world.magnets("run-once");
        const seen = await world.report();
        requests = Math.max(requests, seen.requests);
        restarts = Math.min(restarts, seen.restarts);
        return ms;
      },
    });
    const what = `${MAGNETS} failing magnets to restart, 50 ms a request`;
    return [
      {
        what,
        measured: `${requests} requests`,
        baseline: "–",
        ratio: `${restarts} restarted`,
        goal: "≤ 15 requests",
        met: requests <= 15 && restarts === MAGNETS,
      },
      {
        what: "… time",
        measured: seconds(took.sweep),
        baseline: "–",
        ratio: "–",
        goal: "≤ 3 s",
        met: took.sweep <= 3000,
      },
    ];
  } finally {
    await world.close();
  }
}
