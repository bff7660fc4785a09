import { vi } from "vitest";
import type { HttpSandbox } from "../../examples/sandbox/http-sandbox.ts";
import { createFetch, type Fetch } from "../../src/http/fetch.ts";

/** How it ended, and how many milliseconds of simulated time it took. */
export interface Timed<T> {
  readonly value: T;
  readonly elapsedMs: number;
}

/** Turns of the event loop in which nothing may happen before time goes on. */
const QUIET_TURNS = 4;

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/**
 * Simulated time over real sockets: it stands still while a request is on its way or being answered, and jumps to the
 * next timer when all that is left is waiting. So minutes pass in milliseconds, and a slow machine changes nothing.
 */
export class SimulatedTime {
  #servers: readonly HttpSandbox[] = [];
  #underWay = 0;
  /** Milliseconds that a request is on its way, half of them before the server sees it. */
  latencyMs = 0;

  constructor() {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"],
      now: new Date("2026-05-09T08:00:00Z"),
    });
  }

  /** The servers that are talked to. */
  watch(...servers: HttpSandbox[]): void {
    this.#servers = servers;
  }

  readonly #fetch = createFetch({});

  /** What is sent through it is known to be under way. */
  readonly fetch: Fetch = async (input) => {
    await this.sleep(this.latencyMs / 2);
    this.#underWay += 1;
    let response: Response;
    try {
      response = await this.#fetch(input as Request);
    } finally {
      this.#underWay -= 1;
    }
    await this.sleep(this.latencyMs / 2);
    return response;
  };

  /** Waits until so much simulated time has passed, or the signal is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms <= 0 || signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      const stop = () => {
        clearTimeout(timer);
        resolve();
      };
      signal?.addEventListener("abort", stop, { once: true });
    });
  }

  /** Does the work while time passes. */
  async run<T>(work: () => Promise<T>): Promise<Timed<T>> {
    const begun = performance.now();
    let ended = false;
    const result = work().finally(() => {
      ended = true;
    });
    // Somebody waits for it below.
    result.catch(() => {});
    for (let quiet = 0; !ended; ) {
      await nextTurn();
      quiet = this.#isQuiet() ? quiet + 1 : 0;
      if (quiet < QUIET_TURNS || ended) continue;
      if (vi.getTimerCount() > 0) vi.advanceTimersToNextTimer();
      quiet = 0;
    }
    return { value: await result, elapsedMs: performance.now() - begun };
  }

  /** Lets time pass between two runs. */
  pass(ms: number): void {
    vi.advanceTimersByTime(ms);
  }

  /** Real time again. */
  end(): void {
    vi.useRealTimers();
  }

  #isQuiet(): boolean {
    return this.#underWay === this.#servers.reduce((sum, { hanging }) => sum + hanging, 0);
  }
}
