import { vi } from "vitest";

/** A clock that starts at 0 and jumps from one timer to the next. */
export class VirtualTime {
  constructor() {
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  }

  now(): number {
    return performance.now();
  }

  /** Lives through all timers, those made on the way included. */
  async run(): Promise<void> {
    for (;;) {
      await settle();
      if (vi.getTimerCount() === 0) return;
      vi.advanceTimersToNextTimer();
    }
  }
}

/** Lets promises that are settled call back. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await null;
}
