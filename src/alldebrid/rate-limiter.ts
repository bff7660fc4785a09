import type { SweepSummary } from "../core/records.ts";

/** Monotonic time; tests replace it with a virtual clock. */
export interface Timing {
  /** Milliseconds. */
  now(): number;
  /** Calls back once `ms` have passed; returns what cancels it. */
  after(ms: number, callback: () => void): () => void;
}

/** The process's own monotonic clock: wall-clock steps don't touch it. */
export const realTiming: Timing = {
  now: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
};

/** At most `requests` in any `windowMs` milliseconds. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** AllDebrid's documented limits: 12 requests a second and 600 a minute; a little is added for timers and clocks. */
export const ALLDEBRID_LIMITS: readonly RateLimit[] = [
  { requests: 12, windowMs: 1_015 },
  { requests: 600, windowMs: 60_100 },
];

/** A request is taken to have reached the server after this long, with a response or without. */
const ARRIVED_AFTER_MS = 5_000;
/** After it was halved, the rate grows back by one request a second each so often. */
const REGAIN_MS = 4_000;

interface Sent {
  readonly sentAt: number;
  respondedAt?: number;
}

/**
 * One queue for all requests of the process, retries included. A place is taken from the moment a request is sent
 * until a whole window after its *response*: the server counted it somewhere in between, so however long the way, no
 * window as the server counts it holds more than the limit.
 */
export class RateLimiter {
  readonly #limits: readonly RateLimit[];
  readonly #timing: Timing;
  readonly #longestMs: number;
  readonly #waiting: ((giveBack: () => void) => void)[] = [];
  #sent: Sent[] = [];
  #pausedUntil = 0;
  /** Requests allowed in the shortest window at `#regainsFrom`, from when on the rate grows again. */
  #slowedTo = Number.POSITIVE_INFINITY;
  #regainsFrom = 0;
  #slowedAt = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  /** @param earlierMs how long ago an earlier process had responses to its requests, in milliseconds */
  constructor(
    limits: readonly RateLimit[] = ALLDEBRID_LIMITS,
    timing: Timing = realTiming,
    earlierMs: readonly number[] = [],
  ) {
    this.#limits = limits;
    this.#timing = timing;
    this.#longestMs = Math.max(...limits.map(({ windowMs }) => windowMs));
    const now = timing.now();
    this.#sent = earlierMs.map((ms) => ({ sentAt: now - ms, respondedAt: now - ms }));
  }

  /** How long ago the requests that still count had their responses, in whole milliseconds: for the next process. */
  recentMs(): number[] {
    const now = this.#timing.now();
    return this.#sent
      .map((sent) => Math.floor(now - heldSince(sent, now)))
      .filter((ms) => ms < this.#longestMs);
  }

  /**
   * Resolves when a request may be sent; call what it resolves to once the response came or is given up. Rejects with
   * the signal's reason when that is aborted first.
   */
  acquire(signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const leave = () => {
        this.#waiting.splice(this.#waiting.indexOf(grant), 1);
        reject(signal?.reason);
      };
      const grant = (giveBack: () => void) => {
        signal?.removeEventListener("abort", leave);
        resolve(giveBack);
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.#waiting.push(grant);
      this.#grantPlaces();
    });
  }

  /** The server said 429: nobody sends for `ms`, and the rate is halved until it has grown back. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#timing.now() + ms);
    this.slowDown();
    this.#regainsFrom = Math.max(this.#regainsFrom, this.#pausedUntil);
    this.#grantPlaces();
  }

  /**
   * Halves the rate until it has grown back. What comes within a second of the last time was sent before that could
   * help, and halves nothing.
   */
  slowDown(): void {
    const now = this.#timing.now();
    if (now - this.#slowedAt < (this.#limits[0]?.windowMs ?? 0)) return;
    this.#slowedTo = Math.max(1, Math.floor(this.#allowed(now) / 2));
    this.#slowedAt = now;
    this.#regainsFrom = now;
  }

  #grantPlaces(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#waiting.length > 0) {
      const now = this.#timing.now();
      const wait = this.#waitMs(now);
      if (wait > 0) {
        this.#cancelTimer = this.#timing.after(Math.ceil(wait), () => this.#grantPlaces());
        return;
      }
      const sent: Sent = { sentAt: now };
      this.#sent.push(sent);
      this.#waiting.shift()?.(() => {
        sent.respondedAt ??= this.#timing.now();
        this.#grantPlaces();
      });
    }
  }

  /** Milliseconds until a place may be free; 0 when one is. */
  #waitMs(now: number): number {
    this.#sent = this.#sent.filter((sent) => heldSince(sent, now) > now - this.#longestMs);
    let wait = this.#pausedUntil - now;
    for (const [i, { requests, windowMs }] of this.#limits.entries()) {
      const held = this.#sent.map((sent) => heldSince(sent, now)).filter((since) => since > now - windowMs);
      const allowed = i === 0 ? this.#allowed(now) : requests;
      if (held.length < allowed) continue;
      held.sort((a, b) => b - a);
      const oldestInTheWay = held[allowed - 1] ?? now;
      // A request without a response has no end in sight: its response, or the time it is given up on, wakes us.
      wait = Math.max(wait, oldestInTheWay === now ? windowMs : oldestInTheWay + windowMs - now);
    }
    return wait;
  }

  /** Requests allowed in the shortest window now. */
  #allowed(now: number): number {
    const regained = Math.max(0, Math.floor((now - this.#regainsFrom) / REGAIN_MS));
    return Math.min(this.#limits[0]?.requests ?? 1, this.#slowedTo + regained);
  }
}

/** From when a request's place counts: its response, or now while the server may still not have seen it. */
function heldSince({ sentAt, respondedAt }: Sent, now: number): number {
  return Math.min(respondedAt ?? now, sentAt + ARRIVED_AFTER_MS);
}

/**
 * A limiter that continues where the last sweep's left off: AllDebrid counts requests, not processes, and a sweep
 * by hand may follow a timed one within the second. If the clock stepped in between, the last sweep's requests look
 * old or not yet sent, and don't count.
 */
export function resumeRateLimiter(last: SweepSummary | undefined, now: Date): RateLimiter {
  const sinceMs = last ? now.getTime() - Date.parse(last.finished_at) : -1;
  const earlierMs = sinceMs >= 0 ? (last?.recent_requests_ms ?? []).map((ms) => ms + sinceMs) : [];
  return new RateLimiter(ALLDEBRID_LIMITS, realTiming, earlierMs);
}
