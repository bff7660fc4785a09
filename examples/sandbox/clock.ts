/** A clock that sandboxes read. Times are milliseconds since 1970. */
export type SandboxClock = {
  now(): number;
  /** Moves the clock by so many milliseconds; negative steps back. */
  advance(ms: number): void;
};

/** A clock that follows real time, `speed` times as fast, plus whatever it was advanced by. */
export function runningClock(speed = 1): SandboxClock {
  const start = Date.now();
  let offset = 0;
  return {
    now: () => start + (Date.now() - start) * speed + offset,
    advance: (ms) => {
      offset += ms;
    },
  };
}

/** A clock that stands still at `start` until it is advanced. */
export function standingClock(start: Date | number = Date.now()): SandboxClock {
  let now = Number(start);
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
