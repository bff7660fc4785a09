import type { Timing } from "../../src/alldebrid/rate-limiter.ts";

interface Appointment {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that jumps from one appointed moment to the next. */
export class VirtualTime implements Timing {
  #now = 0;
  #appointments: Appointment[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, callback: () => void): () => void {
    return this.at(this.#now + ms, callback);
  }

  /** Calls back at a moment; returns what cancels it. */
  at(moment: number, callback: () => void): () => void {
    const appointment = { at: Math.max(moment, this.#now), callback };
    this.#appointments.push(appointment);
    return () => {
      this.#appointments = this.#appointments.filter((other) => other !== appointment);
    };
  }

  /** Lives through all appointments, those made on the way included. */
  async run(): Promise<void> {
    for (;;) {
      await settle();
      if (this.#appointments.length === 0) return;
      const next = this.#appointments.reduce((first, other) => (first.at <= other.at ? first : other));
      this.#appointments = this.#appointments.filter((other) => other !== next);
      this.#now = next.at;
      next.callback();
    }
  }
}

/** Lets promises that are settled call back. */
async function settle(): Promise<void> {
  for (let turns = 0; turns < 5; turns++) await null;
}
