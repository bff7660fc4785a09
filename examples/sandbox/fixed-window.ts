/** A bucket of so many requests that is full again `perMs` milliseconds after the first one was taken. */
export class FixedWindow {
  readonly count: number;
  readonly perMs: number;
  #start = Number.NEGATIVE_INFINITY;
  #taken = 0;

  constructor(count: number, perMs: number) {
    this.count = count;
    this.perMs = perMs;
  }

  /** Takes one at `at` (monotonic milliseconds); false if none is left. */
  take(at: number): boolean {
    if (at - this.#start >= this.perMs) {
      this.#start = at;
      this.#taken = 0;
    }
    if (this.#taken >= this.count) return false;
    this.#taken += 1;
    return true;
  }

  get remaining(): number {
    return this.count - this.#taken;
  }

  /** Milliseconds from `at` until it is full again. */
  resetAfterMs(at: number): number {
    return Math.max(0, this.#start + this.perMs - at);
  }
}
