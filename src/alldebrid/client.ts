import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { type Retry, StoppedError } from "../core/ports.ts";
import { tryParseJson } from "../core/text.ts";
import { explainNetworkError } from "../http/failures.ts";
import {
  BodyTooLargeError,
  BrokenAnswerError,
  exchange,
  type HttpAnswer,
  RedirectError,
  withDeadline,
} from "../http/fetch.ts";
import { ApiError, isAccountCode, NoAnswerError } from "./errors.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { type Envelope, readEnvelope } from "./responses.ts";

/** The longest a server can make us wait, in milliseconds. */
const LONGEST_MS = 30_000;

/**
 * Milliseconds to wait before the next attempt: what `Retry-After` asks (seconds or a date, RFC 9110 §10.2.3),
 * up to half a minute; without one, or with garbage, twice as long each time with jitter.
 * @param attempts how many there were, ≥ 1
 * @param random between 0 and 1
 */
export function backoffMs(attempts: number, retryAfter: string | null, now: Date, random: number): number {
  const asked = retryAfterMs(retryAfter, now);
  const usual = 500 * 2 ** (attempts - 1) * (0.5 + random);
  // Waiting a little longer than asked never hurts; waiting less than half the usual time does.
  return Math.min(asked === undefined ? usual : Math.max(asked, usual / 2), LONGEST_MS);
}

function retryAfterMs(header: string | null, now: Date): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now.getTime());
}

/** One request of the API: form-encoded, or a GET when there is no form. */
export interface ApiRequest {
  /** With a leading slash. */
  readonly path: string;
  readonly form?: URLSearchParams;
  /** The most attempts at it, where few are enough. */
  readonly attempts?: number;
}

/** Where and as whom requests are sent. */
export interface Endpoint {
  /** Without a trailing slash. */
  readonly apiUrl: string;
  /** A secret: it travels in the `Authorization` header and nowhere else. */
  readonly key: string;
  /** Milliseconds for one attempt, its body included. */
  readonly deadlineMs: number;
  /** Aborted when requests under way must end. */
  readonly abort: AbortSignal;
  readonly onDate?: ((date: Date) => void) | undefined;
}

/** What one attempt brought. */
export type Attempt =
  | { readonly kind: "answer"; readonly envelope: Envelope }
  | {
      readonly kind: "none";
      /** In words, without the host's name. */
      readonly message: string;
      /** The same request may do better later. */
      readonly transient: boolean;
      /** It took the whole deadline. */
      readonly slow: boolean;
      /** The server may have done what it was asked. */
      readonly mayHaveArrived: boolean;
      /** HTTP 429. */
      readonly tooMany: boolean;
      /** HTTP 503: an outage, or too many requests as well. */
      readonly busy: boolean;
      /** The header as it came. */
      readonly retryAfter: string | null;
    };

/** 10,000 magnets are about 5 MB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Sends a request once. Never throws for what server or network do. */
export function attempt(endpoint: Endpoint, request: ApiRequest): Promise<Attempt> {
  const { apiUrl, key, deadlineMs, abort } = endpoint;
  const { path, form } = request;
  return withDeadline(deadlineMs, abort, async (signal) => {
    try {
      const answer = await exchange({
        method: form ? "POST" : "GET",
        url: `${apiUrl}${path}`,
        headers: {
          authorization: `Bearer ${key}`,
          accept: "application/json",
          ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        },
        body: form?.toString(),
        maxBodyBytes: MAX_BODY_BYTES,
        signal,
      });
      tellDate(endpoint, answer.headers.date);
      return judge(answer);
    } catch (error) {
      if (abort.aborted) return none("the request was cut short", { transient: false });
      if (signal.aborted) return none(`no whole answer within ${deadlineMs / 1000} s`, { slow: true });
      return failureOf(error);
    }
  });
}

function failureOf(error: unknown): None {
  if (error instanceof BodyTooLargeError) {
    return none("the answer is larger than any real one", { transient: false });
  }
  if (error instanceof BrokenAnswerError) return none("the answer was cut short");
  if (error instanceof RedirectError) {
    return none("it answered with a redirect, which is not followed", { transient: false });
  }
  const { message, mayHaveArrived } = explainNetworkError(error);
  return none(message, { mayHaveArrived });
}

function tellDate({ onDate }: Endpoint, header: string | undefined): void {
  const date = new Date(header ?? "");
  if (!Number.isNaN(date.getTime())) onDate?.(date);
}

function judge({ status, headers, body }: HttpAnswer): Attempt {
  const retryAfter = headers["retry-after"] ?? null;
  const envelope = readEnvelope(tryParseJson(body));
  // A 429 was turned away at the door, whatever its body says, unless that is about the account.
  if (status === 429 && !(envelope?.status === "error" && isAccountCode(envelope.error.code))) {
    return none("too many requests (429)", { tooMany: true, mayHaveArrived: false, retryAfter });
  }
  if (envelope) return { kind: "answer", envelope };
  if (status >= 500) return none(`it answered ${status}`, { retryAfter, busy: status === 503 });
  if (status >= 400) return none(`it answered ${status}`, { transient: status === 408 || status === 425 });
  return none("the answer is not AllDebrid's: a proxy or a sign-in page in between?");
}

type None = Extract<Attempt, { kind: "none" }>;

function none(message: string, facts: Partial<None> = {}): None {
  const usual = {
    transient: true,
    slow: false,
    mayHaveArrived: true,
    tooMany: false,
    busy: false,
    retryAfter: null,
  };
  return { kind: "none", message, ...usual, ...facts };
}

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
  /** The last attempt's trouble may pass. */
  retry?: Retry | undefined;
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
      facts.retry = transient
        ? {
            afterMs: retryAfterMs(retryAfter, new Date()),
            timedOut: outcome.kind === "none" && outcome.slow,
          }
        : undefined;
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
