import { keysFor, openWorld } from "./bench-world.ts";
import { type Figure, ratioFigure, seconds } from "./figure.ts";

/** AllDebrid's limits: 12 requests in any second, 600 in any minute. */
const PER_SECOND = 12;
const PER_MINUTE = 600;

/** `count` deletions that are due at once, with the real rate limits of AllDebrid and Discord. */
export async function benchDeletions(count: number): Promise<Figure[]> {
  const settings = { max_retries: 1, max_deletes_per_run: 0 };
  const world = await openWorld({ keys: keysFor(1), failing: count, latencyMs: 50 }, { settings });
  try {
    const run = await world.magnets("run-once");
    const seen = await world.report();
    const allowed = leastMs(seen.requests);
    const discord = leastMsAtDiscord(count);
    const whole = seen.deletions === count && seen.embeds === count;
    const refused = seen.refused + seen.refusedMessages;
    const common = { most: 1.15, unit: seconds };
    return [
      ratioFigure({
        what: `${count} due deletions, real limits on`,
        measured: seen.spanMs,
        baseline: allowed,
        note: `${seen.requests} requests at 12/s, 600/min`,
        ...common,
      }),
      ratioFigure({
        what: "… the whole run, announcing included",
        measured: run.ms,
        baseline: allowed + discord,
        note: `the same, and ${seconds(discord)} of Discord's own limits`,
        ...common,
      }),
      {
        what: "… announced, answers of 429",
        measured: `${seen.embeds}, ${refused}`,
        baseline: `${count}, 0`,
        ratio: `most in a second ${seen.peak.second}, in a minute ${seen.peak.minute}`,
        goal: "all, none",
        met: whole && refused === 0,
      },
    ];
  } finally {
    await world.close();
  }
}

/** Ten embeds a message, five messages in two seconds. */
function leastMsAtDiscord(embeds: number): number {
  return Math.floor((Math.ceil(embeds / 10) - 1) / 5) * 2000;
}

/** When the last of `requests` may be sent at the earliest. */
export function leastMs(requests: number): number {
  return Math.max(
    Math.floor((requests - 1) / PER_SECOND) * 1000,
    Math.floor((requests - 1) / PER_MINUTE) * 60_000,
  );
}
