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

interface Sent {
  readonly account: string;
  endedAt?: number;
}

interface Waiter {
  readonly account: string;
  readonly grant: () => void;
}

/**
 * One queue for all requests of the process, retries included. A place is taken from the moment a request is sent
 * until a whole window after it has *ended*: the server saw it somewhere in between, so however long the way, no
 * window as the server counts it holds more than the limit. While another account waits, one holds at most half of
 * the places.
 */
export class RateLimiter {
  readonly #limits: readonly RateLimit[];
  #waiting: Waiter[] = [];
  #sent: Sent[] = [];
  readonly #pausedUntil = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param earlierMs how long ago requests of an earlier process ended, in milliseconds; negative: not yet */
  constructor(limits: readonly RateLimit[] = OTHER_LIMITS, earlierMs: readonly number[] = []) {
    this.#limits = limits;
    // Monotonic, here and below: when the machine's clock is set, nothing changes.
    const now = performance.now();
    this.#sent = earlierMs.map((ms) => ({ account: "", endedAt: now - ms }));
  }

  /** How long ago the requests that still count ended, in whole milliseconds: for the next process. */
  recentMs(): number[] {
    const now = performance.now();
    this.#forgetOld(now);
    return this.#sent.map(({ endedAt = now }) => Math.floor(now - endedAt));
  }

  /**
   * Resolves when an account may send a request; call what it resolves to once that has ended. Rejects with the
   * signal's reason when that is aborted first.
   */
  acquire(account: string, signal: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(signal.reason);
      };
      const waiter: Waiter = {
        account,
        grant: () => {
          signal.removeEventListener("abort", leave);
          const sent: Sent = { account };
          this.#sent.push(sent);
          resolve(() => {
            sent.endedAt ??= performance.now();
            this.#grant();
          });
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiting.push(waiter);
      this.#grant();
    });
  }

  /** The server asked one account to wait: it sends nothing for `ms`. */
  pause(account: string, ms: number): void {
    const until = performance.now() + ms;
    this.#pausedUntil.set(account, Math.max(until, this.#pausedUntil.get(account) ?? 0));
  }

  #grant(): void {
    clearTimeout(this.#timer);
    const now = performance.now();
    this.#forgetOld(now);
    for (const waiter of [...this.#waiting]) {
      if (!this.#isFree(waiter.account, now)) continue;
      this.#waiting = this.#waiting.filter((other) => other !== waiter);
      waiter.grant();
    }
    if (this.#waiting.length === 0) return;
    // Nothing changes before a window ends, a pause ends, or a request does, which calls this by itself.
    const ends = [
      ...this.#pausedUntil.values(),
      ...this.#sent.flatMap(({ endedAt }) =>
        endedAt === undefined ? [] : this.#limits.map(({ windowMs }) => endedAt + windowMs),
      ),
    ].filter((at) => at > now);
    if (ends.length === 0) return;
    this.#timer = setTimeout(() => this.#grant(), Math.ceil(Math.min(...ends) - now));
  }

  #isFree(account: string, now: number): boolean {
    if ((this.#pausedUntil.get(account) ?? 0) > now) return false;
    const isShared = this.#waiting.some(
      (other) => other.account !== account && (this.#pausedUntil.get(other.account) ?? 0) <= now,
    );
    return this.#limits.every(({ requests, windowMs }) => {
      const held = this.#sent.filter(({ endedAt = now }) => endedAt + windowMs > now);
      if (held.length >= requests) return false;
      return !isShared || held.filter((sent) => sent.account === account).length < Math.ceil(requests / 2);
    });
  }

  #forgetOld(now: number): void {
    const longest = Math.max(...this.#limits.map(({ windowMs }) => windowMs));
    this.#sent = this.#sent.filter(({ endedAt = now }) => endedAt + longest > now);
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
  return new RateLimiter(
    SWEEP_LIMITS,
    recent.map((before) => before + sinceMs),
  );
}
