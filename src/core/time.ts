import type { IsoTime } from "./records.ts";

export const DAY_SECONDS = 24 * 3600;

/** `undefined` without a time, and for one in the future, where a clock must be wrong. */
export function secondsSince(time: IsoTime | undefined, now: Date): number | undefined {
  const seconds = (now.getTime() - Date.parse(time ?? "")) / 1000;
  return seconds >= 0 ? seconds : undefined;
}

/** Whether sweeps on two different days found it too old: one clock may be wrong. `entry` notes the first. */
export function isPastLimit(
  entry: { past_limit?: IsoTime },
  since: IsoTime | undefined,
  limitSeconds: number,
  now: Date,
): boolean {
  if ((secondsSince(since, now) ?? 0) <= limitSeconds) {
    delete entry.past_limit;
    return false;
  }
  const today = now.toISOString();
  entry.past_limit ??= today;
  return entry.past_limit.slice(0, 10) < today.slice(0, 10);
}

/** Seconds after which a sweep is overdue: twice the time between two, and never before an hour. */
export function overdueAfterSeconds(cycleSeconds: number): number {
  return Math.max(2 * cycleSeconds, 3600);
}
