import { setMaxListeners } from "node:events";
import ky from "ky";
import * as v from "valibot";
import { isAccountCode } from "../core/evidence.ts";
import { AccountError } from "../core/ports.ts";
import { shapeOf, shapeOfJson } from "../core/shape.ts";
import { tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { createFetch, type Fetch, FetchError } from "../http/fetch.ts";
import { apiError, notAllDebrids } from "./errors.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { envelopeOrNone } from "./responses.ts";

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

/** AllDebrid withdraws versions, as it did `/v4/magnet/status`; then the other of the two is tried. */
const VERSIONS = {
  "magnet/status": "v4.1",
  "magnet/restart": "v4",
  "magnet/delete": "v4",
  "magnet/upload": "v4",
  user: "v4",
};

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

export type Send = ReturnType<typeof createSend>;

/** The one ky instance of an account: its key, its retries, its patience, and its place in the rate limit. */
export function createSend({ key, fingerprint }: AccountIdentity, options: ClientOptions) {
  const { apiUrl, limiter, stopping, abort, debug, onDate, onDeprecated } = options;
  const { fetch = createFetch(), timeoutMs = 20_000, redact = (text: string) => text } = options;
  const { retryDelay = (retry: number) => 500 * 2 ** (retry - 1) } = options;
  const { host } = new URL(apiUrl);
  // Every request that waits or is under way listens; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, stopping, abort);

  const patience = createPatience();
  /** Gives back the place in the rate limit, by request. */
  const places = new Map<unknown, () => void>();
  const versions = { ...VERSIONS };

  const explain = (error: unknown): AccountError => {
    if (error instanceof AccountError) return error;
    const { message, mayHaveArrived, mayPass, cause } = explainFailure(error, timeoutMs);
    const retry = mayPass && patience.ended() === undefined;
    return new AccountError(`${host}: ${message}`, { mayHaveArrived, retry, cause });
  };

  const http = ky.create({
    prefixUrl: apiUrl,
    headers: { "user-agent": "magnets", authorization: `Bearer ${key}` },
    signal: abort,
    timeout: timeoutMs,
    fetch: async (input, init) => {
      const from = performance.now();
      try {
        return await fetch(input, init);
      } catch (error) {
        const noConnection = error instanceof FetchError && error.reason === "no connection";
        const timedOut = input instanceof Request && input.signal.aborted && !abort.aborted;
        if (noConnection || timedOut) patience.hang();
        throw error;
      } finally {
        patience.request(from);
        places.get(input)?.();
        places.delete(input);
      }
    },
    retry: {
      limit: RETRIES,
      methods: ["get", "post"],
      delay: retryDelay,
      jitter: (ms) => ms * (0.5 + Math.random()),
      // Never left to ky, which would obey other headers than Retry-After: the limiter pauses the account.
      shouldRetry: ({ error }) => explain(error).retry && !stopping.aborted,
    },
    hooks: {
      beforeRequest: [
        async (request) => {
          // Here and not in `fetch`: ky's timeout would run meanwhile.
          const place = await limiter.acquire(fingerprint, stopping).catch(() => {
            throw new AccountError("stopped before it was done", { mayHaveArrived: false });
          });
          const ended = patience.ended();
          if (ended === undefined) return void places.set(request, place);
          place();
          throw new AccountError(`${host}: ${ended}`, { mayHaveArrived: false });
        },
      ],
      afterResponse: [
        async (request, _options, response, { retryCount }) => {
          const { status, ok, headers } = response;
          const { pathname } = new URL(request.url);
          const date = new Date(headers.get("date") ?? "");
          if (!Number.isNaN(date.getTime())) onDate?.(date);
          const text = await response.text();
          const envelope = v.parse(envelopeOrNone, tryParseJson(text));
          if (envelope?.deprecated) onDeprecated?.(pathname);
          // A 429 was turned away at the door, whatever its body says, unless that is about the account.
          if (envelope?.status === "error" && (status !== 429 || isAccountCode(envelope.error.code))) {
            throw apiError(redact(envelope.error.code), redact(envelope.error.message));
          }
          if (status === 429 || status === 503) {
            const ms = Math.max(retryAfterMs(headers), retryDelay(retryCount + 1));
            if (patience.wait(ms)) limiter.pause(fingerprint, ms);
          }
          if (envelope) return;
          debug?.(`${pathname}: ${status} with ${shapeOf(text)}`);
          if (ok) throw new AccountError(`${host}: ${notAllDebrids(text)}`, { retry: true });
        },
      ],
      beforeRetry: [
        ({ request, error, retryCount }) => {
          const { pathname } = new URL(request.url);
          debug?.(`${pathname}: ${explain(error).message}; now attempt ${retryCount + 1}`);
        },
      ],
    },
  });

  const send = async (path: string, form: URLSearchParams | undefined, retries: number): Promise<unknown> => {
    const request = form ? { method: "post", body: form } : {};
    try {
      return (await http(path, { ...request, retry: { limit: retries } }).json<{ data: unknown }>()).data;
    } catch (error) {
      throw explain(error);
    }
  };

  /** Sends a request, as a POST where there is a form, and returns the `data` of the response, parsed. */
  return async <T>(
    endpoint: keyof typeof VERSIONS,
    schema: v.GenericSchema<unknown, T>,
    form?: URLSearchParams,
    { retries = RETRIES } = {},
  ): Promise<T> => {
    const version = versions[endpoint];
    const data = await send(`${version}/${endpoint}`, form, retries).catch(async (error: AccountError) => {
      if (!isWithdrawn(error) || version !== VERSIONS[endpoint]) throw error;
      const other = version === "v4" ? "v4.1" : "v4";
      const response = send(`${other}/${endpoint}`, form, retries);
      // Remembered where it refuses, too.
      const isThere = await response.then(
        () => true,
        (refused) => !isWithdrawn(refused),
      );
      if (isThere) versions[endpoint] = other;
      return response;
    });
    const parsed = v.safeParse(schema, data);
    if (parsed.success) return parsed.output;
    debug?.(`${endpoint}: ${shapeOfJson(data)}`);
    throw new AccountError("the response is not in a form AllDebrid documents");
  };
}

function isWithdrawn({ code }: AccountError): boolean {
  return code === "DISCONTINUED" || code === "404";
}

/** How much trouble of one account is borne in one run, so that it holds up others for a minute at most. */
function createPatience() {
  let hangs = 0;
  let ended: string | undefined;
  const isWaitLong = createSum(LONGEST_WAIT_MS);
  const isTroubleLong = createSum(LONGEST_TROUBLE_MS);
  const end = (why: string) => {
    ended ??= `${why}: nothing more is sent for this account now`;
  };
  return {
    /** Why nothing more is sent to the account, if so. */
    ended: () => ended,
    /** The server asked to wait; false when that is too long. */
    wait(ms: number): boolean {
      const now = performance.now();
      // Both sums are kept up, whatever the first says.
      const isWait = isWaitLong(now, now + ms);
      const isLong = isTroubleLong(now, now + ms) || isWait;
      if (isLong) end(`it asks to wait for ${Math.ceil(ms / 1000)} s`);
      return !isLong;
    },
    /** A request has got no response. */
    hang() {
      if (++hangs >= MOST_HANGS) end("requests get no response");
    },
    /** A request has ended that began at `from` (`performance.now()`), with a response or without. */
    request(from: number) {
      const now = performance.now();
      if (now - from > SLOW_MS && isTroubleLong(from, now)) end("its responses are very slow");
    },
  };
}

/** Sums up times in milliseconds, of which those that overlap count once; true when they are longer than `most`. */
function createSum(most: number): (from: number, until: number) => boolean {
  let sum = 0;
  let counted = Number.NEGATIVE_INFINITY;
  return (from, until) => {
    sum += Math.max(0, until - Math.max(from, counted));
    counted = Math.max(counted, until);
    return sum > most;
  };
}

/** Milliseconds that `Retry-After` asks for, in seconds or as a date (RFC 9110 §10.2.3). */
function retryAfterMs(headers: Headers): number {
  const text = headers.get("retry-after")?.trim() ?? "";
  // At most 30 years: what is too large for a number is infinite, and then no sum of waits passes a limit.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text), 1e9) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? 0 : date - Date.now();
}
