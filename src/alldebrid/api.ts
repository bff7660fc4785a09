import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { StoppedError } from "../core/account-error.ts";
import { type ApiRequest, attempt, type Endpoint } from "./attempt.ts";
import { backoffMs } from "./backoff.ts";
import { ApiError, NoAnswerError } from "./errors.ts";
import type { RateLimiter } from "./rate-limiter.ts";

/** What all requests of the process share. */
export interface ApiOptions {
  readonly apiUrl: string;
  readonly limiter: RateLimiter;
  /** Aborted once no new request may start. */
  readonly stopping: AbortSignal;
  /** Aborted when requests under way must end, too. */
  readonly abort: AbortSignal;
  /** Milliseconds for one attempt; 30,000 unless told. */
  readonly deadlineMs?: number;
  /** How long to wait before the next attempt; `backoffMs` unless told. */
  readonly backoff?: typeof backoffMs;
  readonly debug?: (message: string) => void;
  /** Takes secrets out of what AllDebrid says in its errors, which may repeat the request; errors reach state. */
  readonly redact?: (text: string) => string;
  /** Told the `Date` header of every answer. */
  readonly onDate?: (date: Date) => void;
}

/** How a request went that brought no usable answer. */
export interface CallFacts {
  /** An attempt's answer was lost: the server may have acted on it. */
  lost: boolean;
}

/** Attempts at one request; of those that use up the whole deadline, two. */
const ATTEMPTS = 4;
const SLOW_ATTEMPTS = 2;
/** A 429 costs the server nothing and is over soon: it is not counted as strictly. */
const TOO_MANY_ATTEMPTS = 8;

/** The API of one account: retries, rate limit, errors inside HTTP 200. */
export class Api {
  readonly #options: ApiOptions;
  readonly #endpoint: Endpoint;

  constructor(key: string, options: ApiOptions) {
    this.#options = options;
    // Every request that waits or is under way listens; Node would warn of a leak from the eleventh on.
    setMaxListeners(0, options.stopping, options.abort);
    this.#endpoint = {
      apiUrl: options.apiUrl,
      key,
      deadlineMs: options.deadlineMs ?? 30_000,
      abort: options.abort,
      onDate: options.onDate,
    };
  }

  /**
   * Sends a request until it is answered and returns the answer's `data`. `facts`, if given, tells afterwards
   * whether an attempt may have been carried out unseen.
   * @throws ApiError, NoAnswerError, StoppedError
   */
  async call(request: ApiRequest, facts: CallFacts = { lost: false }): Promise<unknown> {
    let tooMany = 0;
    let slow = 0;
    for (let attempts = 1; ; attempts++) {
      const outcome = await this.#attempt(request);
      let error: ApiError | NoAnswerError;
      let retryAfter: string | null = null;
      let transient: boolean;
      if (outcome.kind === "answer") {
        const { envelope } = outcome;
        if (envelope.status === "success") return envelope.data;
        error = this.#apiError(envelope.error.code, envelope.error.message);
        transient = envelope.error.code === "MAINTENANCE";
      } else {
        error = new NoAnswerError(`${this.#host()}: ${outcome.message}`);
        ({ transient, retryAfter } = outcome);
        facts.lost ||= outcome.mayHaveArrived;
        if (outcome.slow) slow++;
        if (outcome.tooMany) tooMany++;
      }
      const limit = request.attempts ?? (tooMany > 0 ? TOO_MANY_ATTEMPTS : ATTEMPTS);
      if (!transient || attempts >= limit || slow >= SLOW_ATTEMPTS) throw error;
      const waitMs = (this.#options.backoff ?? backoffMs)(attempts, retryAfter, new Date(), Math.random());
      this.#options.debug?.(
        `${request.path}: ${error.message}; attempt ${attempts + 1} in ${Math.round(waitMs)} ms`,
      );
      if (outcome.kind === "none" && outcome.busy) this.#options.limiter.slowDown();
      if (outcome.kind === "none" && outcome.tooMany) this.#options.limiter.pause(waitMs);
      else await sleep(waitMs, undefined, { signal: this.#options.stopping }).catch(() => {});
      if (this.#options.stopping.aborted) throw error;
    }
  }

  async #attempt(request: ApiRequest) {
    const answered = await this.#options.limiter.acquire(this.#options.stopping).catch(() => {
      throw new StoppedError();
    });
    try {
      return await attempt(this.#endpoint, request);
    } finally {
      answered();
    }
  }

  #apiError(code: string, message: string | undefined): ApiError {
    const { redact = (text) => text } = this.#options;
    return new ApiError(redact(code), message === undefined ? undefined : redact(message));
  }

  #host(): string {
    return new URL(this.#options.apiUrl).host;
  }
}
