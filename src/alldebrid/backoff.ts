/** The longest a server can make us wait, in milliseconds. */
const LONGEST_MS = 30_000;

/**
 * Milliseconds to wait before the next attempt: what `Retry-After` asks (seconds or a date, RFC 9110 §10.2.3),
 * up to half a minute; without one, or with garbage, twice as long each time with jitter.
 * @param attempts how many there were, ≥ 1
 * @param random between 0 and 1
 */
export function backoffMs(attempts: number, retryAfter: string | null, now: Date, random: number): number {
  const asked = retryAfterMs(retryAfter, now);
  const usual = 500 * 2 ** (attempts - 1) * (0.5 + random);
  // Waiting a little longer than asked never hurts; waiting less than half the usual time does.
  return Math.min(asked === undefined ? usual : Math.max(asked, usual / 2), LONGEST_MS);
}

function retryAfterMs(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}
