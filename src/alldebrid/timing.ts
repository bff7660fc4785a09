/** Monotonic time, handed in so that a virtual clock can drive the limiter. */
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
