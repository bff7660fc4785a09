import type { Behaviour } from "./behaviour.ts";
import { matches, type RecordedRequest, type RequestMatch } from "./recorded-request.ts";

/** How often a fault is played, and what happens before it. */
export type FaultOptions = {
  /** Played at most so often; default without end. */
  times?: number;
  /** So many matching requests pass unharmed first. */
  after?: number;
  /** Does the real work before misbehaving, so that the request was carried out but nobody learns it. */
  act?: boolean;
};

/** A fault that was put in place. */
export type Fault = {
  readonly behaviour: Behaviour;
  readonly act: boolean;
  /** How often it was played so far. */
  readonly hits: number;
  /** Takes it away again. */
  remove(): void;
};

/** Faults in the order they were added: of those that match and are not used up, the first is played. */
export class FaultQueue {
  #faults = new Set<{ match: RequestMatch; left: number; skip: number; fault: Fault & { hits: number } }>();

  add(match: RequestMatch, behaviour: Behaviour, options: FaultOptions = {}): Fault {
    const { times = Number.POSITIVE_INFINITY, after = 0, act = false } = options;
    const fault = { behaviour, act, hits: 0, remove: () => void this.#faults.delete(entry) };
    const entry = { match, left: times, skip: after, fault };
    this.#faults.add(entry);
    return fault;
  }

  /** The fault to play on `request`, if any; counts as one play. */
  take(request: RecordedRequest): Fault | null {
    for (const entry of this.#faults) {
      if (entry.left <= 0 || !matches(entry.match, request)) continue;
      if (entry.skip > 0) {
        entry.skip -= 1;
        continue;
      }
      entry.left -= 1;
      entry.fault.hits += 1;
      return entry.fault;
    }
    return null;
  }

  clear(): void {
    this.#faults.clear();
  }
}
