import { setMaxListeners } from "node:events";
import ky, { HTTPError, isForceRetryError, TimeoutError } from "ky";
import { isAccountCode } from "../core/evidence.ts";
import { type AccountClient, AccountError, StoppedError } from "../core/ports.ts";
import { tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { type Fetch, fetchOverHttp } from "../http/fetch.ts";
import { ApiError, isRefusedBefore, NoResponseError, notAllDebrids } from "./errors.ts";
import { createPatience, LONGEST_WAIT_MS } from "./patience.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { readEnvelope, readMagnets, readUser } from "./responses.ts";
import { restartBatch } from "./restart-batch.ts";
import { findIds, type UploadOutcome, uploadMagnets } from "./upload-magnets.ts";

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

/** An account's client with what only `restore` needs. */
export interface AllDebridClient extends AccountClient {
  /** Adds magnets by their hashes (lower-case hex); never throws for what AllDebrid or the network did. */
  upload(hashes: readonly string[]): Promise<ReadonlyMap<string, UploadOutcome>>;
}

/** Sends one request, as a POST when there is a form, and returns the `data` of the response. */
type Call = (endpoint: Endpoint, form?: URLSearchParams, retries?: number) => Promise<unknown>;

/**
 * The version of the API under which each endpoint is called. AllDebrid withdraws versions; then the other one is
 * tried (facts: `/v4/magnet/status` went that way).
 */
const VERSIONS = {
  "magnet/status": "v4.1",
  "magnet/restart": "v4",
  "magnet/delete": "v4",
  "magnet/upload": "v4",
  user: "v4",
} as const;

type Endpoint = keyof typeof VERSIONS;

const NOT_READABLE = "the response is not in a form AllDebrid documents";

/** One account at AllDebrid, over HTTP. */
export function createAccountClient(identity: AccountIdentity, options: ClientOptions): AllDebridClient {
  const { name, fingerprint } = identity;
  const call = withVersions(createSend(identity, options));

  /** Magnets as `magnet/status` holds them. */
  const status = async (form: URLSearchParams) => {
    const read = readMagnets(await call("magnet/status", form));
    if (!read) throw new NoResponseError(NOT_READABLE);
    return read;
  };

  return {
    name,
    fingerprint,

    async list(list) {
      const read = await status(new URLSearchParams({ status: list }));
      if (read.malformed > 0) {
        options.warn(`${name}: the ${list} list: ${read.malformed} entries can't be read and are skipped`);
      }
      return read;
    },

    async getMagnet(id) {
      try {
        const read = await status(new URLSearchParams({ id }));
        if (read.errors.get(id) === "MAGNET_INVALID_ID") return "gone";
        const magnet = read.magnets.find((candidate) => candidate.id === id);
        if (!magnet && read.magnets.length > 0) throw new NoResponseError("it responded with another magnet");
        return magnet;
      } catch (error) {
        if (error instanceof ApiError && error.code === "MAGNET_INVALID_ID") return "gone";
        throw error;
      }
    },

    async user() {
      // A sweep asks beside its work and must not be kept waiting.
      const user = readUser(await call("user", undefined, 0));
      if (!user) throw new NoResponseError(NOT_READABLE);
      return user;
    },

    restart: (ids) => restartBatch((form) => call("magnet/restart", form), ids),

    async delete(id) {
      try {
        await call("magnet/delete", new URLSearchParams({ id }), 0);
        // AllDebrid's confirmation is the word "success" around it (contract, Counting 7).
        return { kind: "deleted" };
      } catch (error) {
        if (!(error instanceof AccountError)) throw error;
        const { message, code = "", retry } = error;
        if (code === "MAGNET_INVALID_ID") return { kind: "gone" };
        const isBefore = error instanceof NoResponseError ? !error.mayHaveArrived : isRefusedBefore(code);
        if (!isBefore && !(error instanceof StoppedError)) return { kind: "lost", code, message, retry };
        return { kind: "refused", code, message, account: code === "" || isAccountCode(code), retry };
      }
    },

    async upload(hashes) {
      const outcomes = await uploadMagnets((form) => call("magnet/upload", form), hashes);
      return findIds((list) => status(new URLSearchParams({ status: list })), outcomes);
    },
  };
}

/** Calls each endpoint under its version; where that is withdrawn, under the other one from then on. */
function withVersions(
  send: (path: string, form?: URLSearchParams, retries?: number) => Promise<unknown>,
): Call {
  const versions: Record<Endpoint, string> = { ...VERSIONS };
  const isWithdrawn = (error: unknown) =>
    error instanceof AccountError && (error.code === "DISCONTINUED" || error.code === "404");
  return async (endpoint, form, retries) => {
    const version = versions[endpoint];
    try {
      return await send(`${version}/${endpoint}`, form, retries);
    } catch (error) {
      if (!isWithdrawn(error) || version !== VERSIONS[endpoint]) throw error;
      const other = version === "v4" ? "v4.1" : "v4";
      try {
        const data = await send(`${other}/${endpoint}`, form, retries);
        versions[endpoint] = other;
        return data;
      } catch (otherError) {
        if (isWithdrawn(otherError)) throw error;
        versions[endpoint] = other;
        throw otherError;
      }
    }
  };
}

/** After the first attempt. */
const RETRIES = 3;
const FIRST_WAIT_MS = 500;
/** What passes by itself; from 520 on they are Cloudflare's. */
const RETRIED_STATUS_CODES = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524];

/** The one ky instance of an account: its key, its retries, its patience, and its place in the rate limit. */
function createSend({ key, fingerprint }: AccountIdentity, options: ClientOptions) {
  const { apiUrl, limiter, stopping, abort, debug, onDate, onDeprecated } = options;
  const { fetch = fetchOverHttp, timeoutMs = 20_000, redact = (text: string) => text } = options;
  const { retryDelay = (retry: number) => FIRST_WAIT_MS * 2 ** (retry - 1) } = options;
  const { host } = new URL(apiUrl);
  // Every request that waits or is under way listens; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, stopping, abort);

  const patience = createPatience();
  const endedBy = () => patience.ended() && `${host}: ${patience.ended()}`;

  const explain = (error: unknown): AccountError => {
    if (isForceRetryError(error)) return explain(error.cause);
    if (error instanceof AccountError) return error;
    const { message, mayHaveArrived, mayPass, cause } = explainFailure(error, timeoutMs);
    const afterMs = error instanceof HTTPError ? retryAfterMs(error.response) : undefined;
    const retry = mayPass && !endedBy() ? { afterMs, timedOut: error instanceof TimeoutError } : undefined;
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
      try {
        return await fetch(input, init);
      } finally {
        patience.request(from, input instanceof Request && input.signal.aborted && !abort.aborted);
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
          const ended = endedBy();
          if (ended === undefined) return;
          place();
          throw new NoResponseError(ended, { mayHaveArrived: false });
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
          if (envelope || !response.ok) return undefined;
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

/** Milliseconds that `Retry-After` asks for, in seconds or as a date (RFC 9110 §10.2.3). */
function retryAfterMs({ headers }: Response): number | undefined {
  const text = headers.get("retry-after")?.trim() ?? "";
  // At most 30 years: what is too large for a number is infinite, and then no sum of waits passes a limit.
  if (/^\d+(\.\d+)?$/.test(text)) return Math.min(Number(text), 1e9) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
