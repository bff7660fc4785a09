const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365.25 * DAY;

/** Says how far a time is from now: `just now`, `3 h ago`, `in 12 min`; what is not a time is `unknown`. */
export function relativeTime(time: string | number, now: number): string {
  const distance = new Date(time).getTime() - now;
  if (Number.isNaN(distance)) return "unknown";
  if (Math.abs(distance) < MINUTE) return "just now";
  const amount = duration(Math.abs(distance));
  // A clock that was set back makes past times future ones.
  return distance < 0 ? `${amount} ago` : `in ${amount}`;
}

/** Writes a length of time in its largest fitting unit: `12 min`, `3 h`, `5 days`, `2 years`. */
export function duration(milliseconds: number): string {
  if (milliseconds < HOUR) return `${Math.floor(milliseconds / MINUTE)} min`;
  if (milliseconds < 2 * DAY) return `${Math.floor(milliseconds / HOUR)} h`;
  if (milliseconds < 2 * YEAR) return `${Math.floor(milliseconds / DAY)} days`;
  return `${Math.floor(milliseconds / YEAR)} years`;
}
