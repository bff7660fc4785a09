import { matches, type RecordedRequest, type RequestMatch } from "./recorded-request.ts";

/** Lets a test wait for a request instead of sleeping. */
export class RequestWaiters {
  #requests: readonly RecordedRequest[];
  #waiting = new Set<() => void>();

  constructor(requests: readonly RecordedRequest[]) {
    this.#requests = requests;
  }

  /** Resolves with the `count`-th request that matches, counting those that came before the call. */
  wait(match: RequestMatch, count: number): Promise<RecordedRequest> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.#requests.filter((request) => matches(match, request))[count - 1];
        if (found === undefined) return;
        this.#waiting.delete(look);
        resolve(found);
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** To be called after each new request. */
  notify(): void {
    for (const look of this.#waiting) look();
  }
}
