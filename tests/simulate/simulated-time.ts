import { syncBuiltinESMExports } from "node:module";
import FakeTimers from "@sinonjs/fake-timers";

/** The timers and clocks of a process: replaced while one runs. What a loop of events needs stays Node's. */
const REPLACED: FakeTimers.FakeMethod[] = [
  "setTimeout",
  "clearTimeout",
  "setInterval",
  "clearInterval",
  "Date",
  "performance",
];

const SIGNALS = ["SIGTERM", "SIGINT"] as const;

/** How a process ended. */
export type Ending<T> =
  | { readonly kind: "done"; readonly value: T }
  | { readonly kind: "failed"; readonly error: unknown }
  | { readonly kind: "died" }
  /** It was still at work after the longest time it was given. */
  | { readonly kind: "endless" };

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Turns of the event loop without any timer after which a process is taken to wait for something real. */
const MOST_TURNS = 20_000;

/**
 * Simulated time: true time, which only goes forward, and the machine's clock, which may be set. Minutes pass in
 * microseconds, from timer to timer.
 */
export class SimulatedTime {
  /** True time, in milliseconds since the epoch, when the running process began. */
  #base: number;
  #ahead = 0;
  #clock: FakeTimers.Clock | undefined;
  #died = false;

  constructor(start: number) {
    this.#base = start;
  }

  /** True time, as servers have it. */
  get now(): number {
    return this.#base + (this.#clock ? performance.now() : 0);
  }

  /** What the machine's clock says. */
  get wall(): number {
    return this.now + this.#ahead;
  }

  /** How far the machine's clock is ahead of true time, in milliseconds. */
  get ahead(): number {
    return this.#ahead;
  }

  /** Time passes between two processes. */
  pass(ms: number): void {
    this.#base += ms;
  }

  /** Sets the machine's clock. */
  setAhead(ms: number): void {
    this.#ahead = ms;
    this.#clock?.setSystemTime(this.wall);
  }

  /** The running process is dead: nothing it waits for happens any more. */
  kill(): void {
    this.#died = true;
  }

  /** Runs a process to its end, or to its death, and takes its timers away. */
  async run<T>(longestMs: number, random: () => number, process: () => Promise<T>): Promise<Ending<T>> {
    const realRandom = Math.random;
    const handlers = SIGNALS.map((signal) => [signal, globalThis.process.listeners(signal)] as const);
    this.#clock = FakeTimers.install({ now: this.wall, toFake: REPLACED, loopLimit: 1_000_000 });
    Math.random = random;
    syncBuiltinESMExports();
    this.#died = false;
    try {
      return await this.#drive(this.#clock, longestMs, process);
    } finally {
      this.#base += performance.now();
      this.#clock.uninstall();
      this.#clock = undefined;
      Math.random = realRandom;
      syncBuiltinESMExports();
      // The dead don't hear.
      for (const [signal, before] of handlers) {
        for (const handler of globalThis.process.listeners(signal)) {
          if (!before.includes(handler)) globalThis.process.off(signal, handler);
        }
      }
    }
  }

  async #drive<T>(clock: FakeTimers.Clock, longestMs: number, process: () => Promise<T>): Promise<Ending<T>> {
    let ending: Ending<T> | undefined;
    process().then(
      (value) => {
        ending = { kind: "done", value };
      },
      (error: unknown) => {
        ending = { kind: "failed", error };
      },
    );
    let idle = 0;
    for (;;) {
      // Two turns, so that whatever the libraries put off by one is done before time goes on.
      await nextTurn();
      await nextTurn();
      if (ending) return ending;
      if (this.#died) return { kind: "died" };
      if (performance.now() > longestMs) return { kind: "endless" };
      if (clock.countTimers() > 0) {
        clock.next();
        idle = 0;
      } else if (++idle > MOST_TURNS) {
        throw new Error("the program waits for something that is not simulated");
      }
    }
  }
}
