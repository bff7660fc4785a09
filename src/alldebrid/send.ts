import { setMaxListeners } from "node:events";
import ky, { HTTPError, isForceRetryError, TimeoutError } from "ky";
import { isAccountCode } from "../core/evidence.ts";
import { AccountError, StoppedError } from "../core/ports.ts";
import { shapeOf } from "../core/shape.ts";
import { tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { createFetch, type Fetch, FetchError } from "../http/fetch.ts";
import { ApiError, NoResponseError, notAllDebrids } from "./errors.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { readEnvelope } from "./responses.ts";

/** Who an account is. */
export interface AccountIdentity {
  readonly name: string;
  readonly fingerprint: string;
  /** A secret: it travels in the `Authorization` header and nowhere else. */
  readonly key: string;
}

/** What the clients of all accounts share. */
export interface ClientOptions {
  /** Without a trailing slash. */
  readonly apiUrl: string;
  readonly limiter: RateLimiter;
  /** Aborted once no new request may start. */
  readonly stopping: AbortSignal;
  /** Aborted when requests under way must end, too. */
  readonly abort: AbortSignal;
  readonly warn: (message: string) => void;
  readonly debug?: (message: string) => void;
  /** Takes secrets out of AllDebrid's errors, which may repeat the request: errors are logged and kept in state. */
  readonly redact?: (text: string) => string;
  /** Gets the `Date` header of every response. */
  readonly onDate?: ((date: Date) => void) | undefined;
  /** Gets the path of an endpoint each time that AllDebrid calls it deprecated. */
  readonly onDeprecated?: ((endpoint: string) => void) | undefined;
  readonly fetch?: Fetch;
  /** Milliseconds for one attempt, its body included; default: 20,000. */
  readonly timeoutMs?: number;
  /** Milliseconds before the first retry, the second and so on, before jitter; default: 500, doubled each time. */
  readonly retryDelay?: (retry: number) => number;
}

/** How long an account waits in all for what a 429 or 503 asks; what asks for more leaves it for the next sweep. */
const LONGEST_WAIT_MS = 30_000;
/** The request that hangs and ends the account's turn in this sweep. */
const MOST_HANGS = 2;
/** A response that takes longer is slow. */
const SLOW_MS = 5_000;
/** Of slow responses and waits together: so much of that, and nothing more is sent. */
const LONGEST_TROUBLE_MS = 40_000;
/** After the first attempt. */
const RETRIES = 3;
const FIRST_WAIT_MS = 500;
/** What passes by itself; from 520 on they are Cloudflare's. */
const RETRIED_STATUS_CODES = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524];

/** The one ky instance of an account: its key, its retries, its patience, and its place in the rate limit. */
export function createSend({ key, fingerprint }: AccountIdentity, options: ClientOptions) {
  const { apiUrl, limiter, stopping, abort, debug, onDate, onDeprecated } = options;
  const { fetch = createFetch(), timeoutMs = 20_000, redact = (text: string) => text } = options;
  const { retryDelay = (retry: number) => FIRST_WAIT_MS * 2 ** (retry - 1) } = options;
  const { host } = new URL(apiUrl);
  // Every request that waits or is under way listens; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, stopping, abort);

  const patience = createPatience();

  const explain = (error: unknown): AccountError => {
    if (isForceRetryError(error)) return explain(error.cause);
    if (error instanceof AccountError) return error;
    const { message, mayHaveArrived, mayPass, cause } = explainFailure(error, timeoutMs);
    const afterMs = error instanceof HTTPError ? retryAfterMs(error.response) : undefined;
    const timedOut = error instanceof TimeoutError || isNoConnection(error);
    const retry = mayPass && patience.ended() === undefined ? { afterMs, timedOut } : undefined;
    return new NoResponseError(`${host}: ${message}`, { mayHaveArrived, retry, cause });
  };

  /** Gives back the place in the rate limit, by request. */
  const places = new Map<unknown, () => void>();

  const http = ky.create({
    prefixUrl: apiUrl,
    headers: { "user-agent": "magnets" },
    signal: abort,
    timeout: timeoutMs,
    fetch: async (input, init) => {
      const from = performance.now();
      let isHang = false;
      try {
        return await fetch(input, init);
      } catch (error) {
        isHang = isNoConnection(error);
        throw error;
      } finally {
        isHang ||= input instanceof Request && input.signal.aborted && !abort.aborted;
        patience.request(from, isHang);
        places.get(input)?.();
        places.delete(input);
      }
    },
    retry: {
      limit: RETRIES,
      methods: ["get", "post"],
      statusCodes: RETRIED_STATUS_CODES,
      afterStatusCodes: RETRIED_STATUS_CODES,
      delay: retryDelay,
      jitter: (ms) => ms * (0.5 + Math.random()),
      backoffLimit: LONGEST_WAIT_MS,
      shouldRetry: ({ error }) => {
        const { retry } = explain(error);
        if (!retry || stopping.aborted) return false;
        // Left to itself, ky takes zero and garbage for no wait at all, and other headers for this one.
        if (retry.afterMs === undefined || retry.afterMs < FIRST_WAIT_MS) return true;
        return retry.afterMs > LONGEST_WAIT_MS ? false : undefined;
      },
    },
    hooks: {
      beforeRequest: [
        async (request) => {
          request.headers.set("authorization", `Bearer ${key}`);
          // Here and not in `fetch`: ky's timeout would run meanwhile.
          const place = await limiter.acquire(fingerprint, stopping).catch(() => {
            throw new StoppedError();
          });
          places.set(request, place);
          const ended = patience.ended();
          if (ended === undefined) return;
          place();
          throw new NoResponseError(`${host}: ${ended}`, { mayHaveArrived: false });
        },
      ],
      afterResponse: [
        async (request, _options, response, { retryCount }) => {
          const date = new Date(response.headers.get("date") ?? "");
          if (!Number.isNaN(date.getTime())) onDate?.(date);
          const { status } = response;
          const text = await response.text();
          const envelope = readEnvelope(tryParseJson(text));
          if (envelope?.deprecated) onDeprecated?.(new URL(request.url).pathname);
          // A 429 was turned away at the door, whatever its body says, unless that is about the account.
          if (envelope?.status === "error" && (status !== 429 || isAccountCode(envelope.error.code))) {
            const { code, message } = envelope.error;
            const cause = new ApiError(redact(code), message === undefined ? undefined : redact(message));
            if (!cause.retry || stopping.aborted) throw cause;
            return ky.retry({ cause });
          }
          if (status === 429 || status === 503) {
            const ms = Math.max(retryAfterMs(response) ?? 0, retryDelay(retryCount + 1));
            if (patience.wait(ms)) limiter.pause(fingerprint, ms);
          }
          if (envelope) return undefined;
          debug?.(`${new URL(request.url).pathname}: ${status} with ${shapeOf(text)}`);
          if (!response.ok) return undefined;
          return ky.retry({ cause: new NoResponseError(`${host}: ${notAllDebrids(text)}`, { retry: {} }) });
        },
      ],
      beforeRetry: [
        ({ request, error, retryCount }) => {
          if (stopping.aborted) throw new StoppedError();
          const { pathname } = new URL(request.url);
          debug?.(`${pathname}: ${explain(error).message}; now attempt ${retryCount + 1}`);
        },
      ],
    },
  });

  return async (path: string, form?: URLSearchParams, retries = RETRIES): Promise<unknown> => {
    const request = form ? { method: "post", body: form } : {};
    try {
      const { data } = await http(path, { ...request, retry: { limit: retries } }).json<{ data: unknown }>();
      return data;
    } catch (error) {
      throw explain(error);
    }
  };
}

/** How much trouble of one account is borne in one run, so that it holds up others for a minute at most. */
function createPatience() {
  let hangs = 0;
  let ended: string | undefined;
  const waits = createSum();
  const trouble = createSum();
  const end = (why: string) => {
    ended ??= `${why}: nothing more is sent for this account now`;
  };
  return {
    /** Why nothing more is sent to the account, if so. */
    ended: () => ended,
    /** The server asked to wait; false when that is too long. */
    wait(ms: number): boolean {
      const now = performance.now();
      const total = trouble.add(now, now + ms);
      if (waits.add(now, now + ms) <= LONGEST_WAIT_MS && total <= LONGEST_TROUBLE_MS) return true;
      end(`it asks to wait for ${Math.ceil(ms / 1000)} s`);
      return false;
    },
    /** A request has ended that began at `from` (`performance.now()`), with its whole timeout or before. */
    request(from: number, isHang: boolean): void {
      const now = performance.now();
      if (isHang && ++hangs >= MOST_HANGS) end("requests get no response");
      if (now - from <= SLOW_MS) return;
      if (trouble.add(from, now) > LONGEST_TROUBLE_MS) end("its responses are very slow");
    },
  };
}

/** Sums up times, in milliseconds, of which those that overlap count once. */
function createSum() {
  let sum = 0;
  let counted = Number.NEGATIVE_INFINITY;
  return {
    add(from: number, until: number): number {
      sum += Math.max(0, until - Math.max(from, counted));
      counted = Math.max(counted, until);
      return sum;
    },
  };
}

function isNoConnection(error: unknown): boolean {
  return error instanceof FetchError && error.reason === "no connection";
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date (RFC 9110 §10.2.3). */
function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  // At most 30 years: what is too large for a number is infinite, and then no sum of waits passes a limit.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text), 1e9) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
