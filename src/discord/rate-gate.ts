import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** Holds requests back for as long as Discord asked. Times are taken from a clock that never steps. */
export interface RateGate {
  /** Waits until Discord may be called. Says why not when that takes too long, or the run is ending. */
  pass(stopping: AbortSignal): Promise<"open" | "too long" | "stopped">;
  /** Nothing passes for so long from now. */
  close(milliseconds: number): void;
  /** Closes as `X-RateLimit-Remaining: 0` and `X-RateLimit-Reset-After` (decimal seconds) say. */
  obey(headers: IncomingHttpHeaders): void;
}

/** Timers may fire a little early, and a message that comes too soon costs a refusal. */
const MARGIN_MS = 20;

/** @param maxWaitMs A longer wait is left to the next sweep. */
export function createRateGate(maxWaitMs: number): RateGate {
  let openAt = 0;
  const close = (milliseconds: number): void => {
    openAt = Math.max(openAt, performance.now() + milliseconds);
  };
  return {
    close,
    obey(headers) {
      const seconds = headerSeconds(headers, "x-ratelimit-reset-after");
      if (headers["x-ratelimit-remaining"] === "0" && seconds !== undefined) close(seconds * 1000);
    },
    async pass(stopping) {
      if (stopping.aborted) return "stopped";
      const wait = openAt - performance.now();
      if (wait > maxWaitMs) return "too long";
      if (wait <= 0) return "open";
      try {
        await sleep(Math.ceil(wait) + MARGIN_MS, undefined, { signal: stopping });
        return "open";
      } catch {
        return "stopped";
      }
    },
  };
}

/** A header that holds decimal seconds; `undefined` when it holds anything else. */
export function headerSeconds(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headers[name];
  return typeof text === "string" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
