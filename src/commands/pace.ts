import { ALLDEBRID_LIMITS, RateLimiter } from "../alldebrid/rate-limiter.ts";
import { realTiming } from "../alldebrid/timing.ts";
import type { SweepSummary } from "../core/sweep-summary.ts";

/**
 * A limiter that goes on where the last sweep's left off: AllDebrid counts requests, not processes, and a sweep
 * by hand may follow a timed one within the second. A clock that stepped in between makes the last one's requests
 * look old or not yet sent, and they don't count.
 */
export function goOnWithPace(last: SweepSummary | undefined, now: Date): RateLimiter {
  const sinceMs = last ? now.getTime() - Date.parse(last.finished_at) : -1;
  const earlierMs = sinceMs >= 0 ? (last?.recent_requests_ms ?? []).map((ms) => ms + sinceMs) : [];
  return new RateLimiter(ALLDEBRID_LIMITS, realTiming, earlierMs);
}

/** Adds a sweep to those kept. Only the newest one's requests can matter to the next. */
export function rememberPace(sweeps: SweepSummary[], finished: SweepSummary): void {
  for (const sweep of sweeps) delete sweep.recent_requests_ms;
  sweeps.push(finished);
}
