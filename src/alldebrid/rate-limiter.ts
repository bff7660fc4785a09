import type { SweepSummary } from "../core/records.ts";

/** At most `requests` in any `windowMs` milliseconds. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

// AllDebrid's documented limits, 12 requests a second and 600 a minute, hold for a sweep and one run beside it
// together. A little is added to the windows for timers and clocks.
const SECOND_MS = 1_015;
const MINUTE_MS = 60_100;

/** What a sweep may send. */
export const SWEEP_LIMITS: readonly RateLimit[] = [
  { requests: 10, windowMs: SECOND_MS },
  { requests: 540, windowMs: MINUTE_MS },
];

/** What every other command may send, and a dry run. */
export const OTHER_LIMITS: readonly RateLimit[] = [
  { requests: 2, windowMs: SECOND_MS },
  { requests: 60, windowMs: MINUTE_MS },
];

/**
 * One queue for all requests of the process, retries included. A place is taken from the moment a request is sent
 * until a whole window after it has *ended*: the server saw it somewhere in between, so however long the way, no
 * window as the server counts it holds more than the limit. While another account waits, one holds at most half of
 * the places.
 */
export class RateLimiter {
  readonly #limits: readonly RateLimit[];
  /** The account of each request that waits, by what sends it, in the order of asking. */
  readonly #waiting = new Map<() => void, string>();
  /** By a monotonic clock: when the machine's is set, nothing changes. A request under way ends at infinity. */
  #sent: { readonly account: string; endedAt: number }[];
  readonly #pausedUntil = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** `earlierMs`: how long ago requests of an earlier process ended, in milliseconds; negative: not yet. */
  constructor(limits: readonly RateLimit[] = OTHER_LIMITS, earlierMs: readonly number[] = []) {
    this.#limits = limits;
    const now = performance.now();
    this.#sent = earlierMs.map((ms) => ({ account: "", endedAt: now - ms }));
  }

  /** How long ago the requests that still count ended, in whole milliseconds: for the next process. */
  recentMs(): number[] {
    const now = performance.now();
    this.#forgetOld(now);
    return this.#sent.map(({ endedAt }) => Math.floor(now - Math.min(now, endedAt)));
  }

  /**
   * Resolves when an account may send a request; call what it resolves to once that has ended. Rejects with the
   * signal's reason when that is aborted first.
   */
  acquire(account: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiting.delete(send);
        // A timer would keep the process alive. Nobody is sent in its place: the others may be called off, too.
        if (this.#waiting.size === 0) clearTimeout(this.#timer);
        reject(signal.reason);
      };
      const send = () => {
        signal.removeEventListener("abort", leave);
        const sent = { account, endedAt: Number.POSITIVE_INFINITY };
        this.#sent.push(sent);
        resolve(() => {
          sent.endedAt = Math.min(sent.endedAt, performance.now());
          this.#sendNext();
        });
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.set(send, account);
      this.#sendNext();
    });
  }

  /** The server asked one account to wait: it sends nothing for `ms`. */
  pause(account: string, ms: number): void {
    const until = performance.now() + ms;
    this.#pausedUntil.set(account, Math.max(until, this.#pausedUntil.get(account) ?? 0));
  }

  #sendNext(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#forgetOld(now);
    for (const [send, account] of this.#waiting) {
      if (!this.#isFree(account, now)) continue;
      this.#waiting.delete(send);
      send();
    }
    if (this.#waiting.size === 0) return;
    // Nothing changes before a window ends, a pause ends, or a request does, which calls this by itself.
    const ends = this.#sent.flatMap(({ endedAt }) => this.#limits.map(({ windowMs }) => endedAt + windowMs));
    const next = Math.min(...[...ends, ...this.#pausedUntil.values()].filter((at) => at > now));
    if (next < Number.POSITIVE_INFINITY)
      this.#timer = setTimeout(() => this.#sendNext(), Math.ceil(next - now));
  }

  #isFree(account: string, now: number): boolean {
    const isPaused = (each: string) => (this.#pausedUntil.get(each) ?? 0) > now;
    if (isPaused(account)) return false;
    const isShared = [...this.#waiting.values()].some((other) => other !== account && !isPaused(other));
    return this.#limits.every(({ requests, windowMs }) => {
      const held = this.#sent.filter(({ endedAt }) => endedAt + windowMs > now);
      if (held.length >= requests) return false;
      return !isShared || held.filter((sent) => sent.account === account).length < Math.ceil(requests / 2);
    });
  }

  #forgetOld(now: number): void {
    const longest = Math.max(...this.#limits.map(({ windowMs }) => windowMs));
    this.#sent = this.#sent.filter(({ endedAt }) => endedAt + longest > now);
  }
}

/** How often a sweep gives a sign of life, in milliseconds. */
export const SIGN_OF_LIFE_MS = 5_000;

/**
 * A limiter for a sweep that continues where the last sweep's left off: AllDebrid counts requests, not processes, and
 * a sweep by hand may follow a timed one within the second. After a sweep that did not end well, the minute since its
 * last sign of life counts as used up. If the clock was set back in between, that minute begins now.
 */
export function resumeRateLimiter(
  last: SweepSummary | undefined,
  aliveAt: string | undefined,
  now: Date,
): RateLimiter {
  const sinceMs = now.getTime() - Date.parse(aliveAt ?? last?.finished_at ?? "");
  if (aliveAt !== undefined) {
    const minute = SWEEP_LIMITS.at(-1)?.requests ?? 0;
    return new RateLimiter(SWEEP_LIMITS, Array(minute).fill(sinceMs >= 0 ? sinceMs - SIGN_OF_LIFE_MS : 0));
  }
  const recent = sinceMs >= 0 ? (last?.recent_requests_ms ?? []) : [];
  const earlier = recent.map((before) => before + sinceMs);
  return new RateLimiter(SWEEP_LIMITS, earlier);
}
