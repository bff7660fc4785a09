import type { Answer } from "./behaviour.ts";
import { tooManyMessages } from "./discord-mode.ts";
import { FixedWindow } from "./fixed-window.ts";

/** How many posts a webhook takes in how many milliseconds; a list, for all must hold. False switches it off. */
export type DiscordRateLimit = false | readonly { count: number; perMs: number }[];

/** What third parties measured. */
const MEASURED: DiscordRateLimit = [
  { count: 5, perMs: 2000 },
  { count: 30, perMs: 60_000 },
];

/** Rate limits of all webhooks, each for itself. */
export class DiscordRateLimiter {
  #rateLimit: DiscordRateLimit;
  #windows = new Map<string, FixedWindow[]>();

  constructor(rateLimit: DiscordRateLimit = MEASURED) {
    this.#rateLimit = rateLimit;
  }

  get rateLimit(): DiscordRateLimit {
    return this.#rateLimit;
  }

  /** A new limit starts with empty windows. */
  set rateLimit(limit: DiscordRateLimit) {
    this.#rateLimit = limit;
    this.#windows.clear();
  }

  /** Takes one post at `at` (monotonic milliseconds): the headers of its answer, or the refusal. */
  take(webhook: string, at: number): { refusal?: Answer; headers: Record<string, string> } {
    if (this.#rateLimit === false || this.#rateLimit.length === 0) return { headers: {} };
    const windows =
      this.#windows.get(webhook) ?? this.#rateLimit.map((rate) => new FixedWindow(rate.count, rate.perMs));
    this.#windows.set(webhook, windows);
    // Each window must be asked, so that one that is full does not spare the others.
    const full = windows.filter((window) => !window.take(at));
    if (full.length > 0) {
      const waitMs = Math.max(...full.map((window) => window.resetAfterMs(at)));
      return { refusal: tooManyMessages(Math.ceil(waitMs) / 1000), headers: {} };
    }
    const tightest = windows.reduce((a, b) => (b.remaining < a.remaining ? b : a));
    const resetMs = tightest.resetAfterMs(at);
    return {
      headers: {
        "x-ratelimit-bucket": "5a2b0c1d3e4f",
        "x-ratelimit-limit": String(tightest.count),
        "x-ratelimit-remaining": String(tightest.remaining),
        "x-ratelimit-reset": ((Date.now() + resetMs) / 1000).toFixed(3),
        "x-ratelimit-reset-after": (resetMs / 1000).toFixed(3),
      },
    };
  }
}
