import { type Figure, type Goal, mostGoal, ratioGoal, seconds } from "./figures.ts";
import { runNode } from "./measure.ts";
import type { Programs } from "./programs.ts";
import type { SandboxReport } from "./sandbox-process.ts";
import { openWorld, type WorldWish } from "./world.ts";

/** What a sweep keeps to, of AllDebrid's 12 requests in any second and 600 in any minute. */
const PER_SECOND = 10;
const PER_MINUTE = 540;

const RESTARTS = 1000;
const MOST_BY_LIMITS = 1.15;

type Swept = SandboxReport & { readonly ms: number };

/** What AllDebrid's and Discord's limits decide: 1,000 restarts, and `deletions` that are due at once. */
export async function benchLimits(programs: Programs, deletions: number): Promise<Figure[]> {
  return [await restarts(programs), await deletionsAtOnce(programs, deletions)];
}

async function restarts(programs: Programs): Promise<Figure> {
  const wish = { failing: RESTARTS, latencyMs: 50, settings: { max_retries: 1_000_000 } };
  const now = await sweepOnce(programs.now, wish);
  const earlier = programs.earlier && (await sweepOnce(programs.earlier, wish));
  const say = ({ ms, requests }: Swept) => `${seconds(ms)}, ${requests} requests`;
  return {
    what: `${RESTARTS} failing magnets to restart, 50 ms a request`,
    now: say(now),
    earlier: earlier && say(earlier),
    goals: [
      mostGoal(now.ms, 3000, seconds),
      mostGoal(now.requests, 15, (count) => `${count} requests`),
      wholeGoal("all restarted, no 429", now.restarts === RESTARTS && now.refused === 0),
    ],
  };
}

async function deletionsAtOnce(programs: Programs, count: number): Promise<Figure> {
  const wish = { failing: count, latencyMs: 50, settings: { max_retries: 1, max_deletes_per_run: 0 } };
  const now = await sweepOnce(programs.now, wish);
  const earlier = programs.earlier && (await sweepOnce(programs.earlier, wish));
  const allowed = leastMs(now.requests) + leastMsAtDiscord(count);
  const whole = now.deletions === count && now.embeds === count && now.refused + now.refusedMessages === 0;
  return {
    what: `${count} due deletions, announced`,
    now: `${seconds(now.ms)}, ${now.requests} requests`,
    floor: `${seconds(allowed)} (10 requests/s, 540/min; Discord: 5 messages in 2 s)`,
    earlier: earlier && `${seconds(earlier.ms)}, ${earlier.requests} requests`,
    goals: [
      ratioGoal(now.ms, allowed, MOST_BY_LIMITS, "floor"),
      wholeGoal("all deleted and announced, no 429", whole),
    ],
  };
}

async function sweepOnce(program: string, wish: WorldWish): Promise<Swept> {
  const world = await openWorld(wish);
  try {
    const args = [program, "run-once", "--state-dir", world.state];
    const ms = await runNode(args, world);
    return { ms, ...(await world.report()) };
  } finally {
    await world.close();
  }
}

function wholeGoal(text: string, met: boolean): Goal {
  return { text, reached: met ? "all" : "not all", met };
}

/** Ten embeds a message, five messages in two seconds. */
function leastMsAtDiscord(embeds: number): number {
  return Math.floor((Math.ceil(embeds / 10) - 1) / 5) * 2000;
}

/** When the last of `requests` may be sent at the earliest. */
function leastMs(requests: number): number {
  return Math.max(
    Math.floor((requests - 1) / PER_SECOND) * 1000,
    Math.floor((requests - 1) / PER_MINUTE) * 60_000,
  );
}
