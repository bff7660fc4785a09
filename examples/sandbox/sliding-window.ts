/** Counts arrivals in the last `perMs` milliseconds and remembers the most that it ever saw there. */
export class SlidingWindow {
  readonly perMs: number;
  peak = 0;
  #arrivals: number[] = [];

  constructor(perMs: number) {
    this.perMs = perMs;
  }

  /** Notes an arrival at `at` (monotonic milliseconds) and returns how many the window now holds, itself included. */
  add(at: number): number {
    this.#arrivals.push(at);
    const first = this.#arrivals.findIndex((arrival) => at - arrival < this.perMs);
    this.#arrivals.splice(0, first);
    this.peak = Math.max(this.peak, this.#arrivals.length);
    return this.#arrivals.length;
  }
}
