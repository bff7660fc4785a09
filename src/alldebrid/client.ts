import { setMaxListeners } from "node:events";
import ky, { HTTPError, isForceRetryError, TimeoutError } from "ky";
import { type AccountClient, AccountError, StoppedError } from "../core/ports.ts";
import { tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { type Fetch, fetchOverHttp } from "../http/fetch.ts";
import { ApiError, isAccountCode, NoResponseError } from "./errors.ts";
import type { RateLimiter } from "./rate-limiter.ts";
import { isConfirmation, readEnvelope, readMagnets, readUser } from "./responses.ts";
import { restartBatch } from "./restart-batch.ts";
import { type UploadOutcome, uploadMagnets } from "./upload-magnets.ts";

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
  readonly fetch?: Fetch;
  /** Milliseconds for one attempt, its body included; default: 30,000. */
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
type Call = (path: string, form?: URLSearchParams, retries?: number) => Promise<unknown>;

const NOT_READABLE = "the response is not in a form AllDebrid documents";

/** One account at AllDebrid, over HTTP. */
export function createAccountClient(identity: AccountIdentity, options: ClientOptions): AllDebridClient {
  const { name, fingerprint, key } = identity;
  const call = createCall(key, options);

  /** Magnets as `/v4.1/magnet/status` holds them. */
  const status = async (form: URLSearchParams) => {
    const read = readMagnets(await call("v4.1/magnet/status", form));
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
      const user = readUser(await call("v4/user", undefined, 0));
      if (!user) throw new NoResponseError(NOT_READABLE);
      return user;
    },

    restart: (ids) => restartBatch((form) => call("v4/magnet/restart", form), ids),

    async delete(id) {
      try {
        const data = await call("v4/magnet/delete", new URLSearchParams({ id }), 0);
        if (isConfirmation(data)) return { kind: "deleted" };
        return { kind: "lost", message: NOT_READABLE, retry: undefined };
      } catch (error) {
        if (!(error instanceof AccountError)) throw error;
        const { message, code = "", retry } = error;
        if (code === "MAGNET_INVALID_ID") return { kind: "gone" };
        if (error instanceof NoResponseError && error.mayHaveArrived) return { kind: "lost", message, retry };
        return { kind: "refused", code, message, account: code === "" || isAccountCode(code), retry };
      }
    },

    upload: (hashes) => uploadMagnets((form) => call("v4/magnet/upload", form), hashes),
  };
}

/** After the first attempt. */
const RETRIES = 3;
/** After an attempt that took its whole timeout. */
const TIMEOUT_RETRIES = 1;
const FIRST_WAIT_MS = 500;
/** A server that asks for more is left to the next sweep. */
const LONGEST_WAIT_MS = 30_000;
/** What passes by itself; from 520 on they are Cloudflare's. */
const RETRIED_STATUS_CODES = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524];

/** The one ky instance of an account: its key, its retries, and its place in the rate limit. */
function createCall(key: string, options: ClientOptions): Call {
  const { apiUrl, limiter, stopping, abort, debug, onDate } = options;
  const { fetch = fetchOverHttp, timeoutMs = 30_000, redact = (text: string) => text } = options;
  const { retryDelay = (retry: number) => FIRST_WAIT_MS * 2 ** (retry - 1) } = options;
  const { host } = new URL(apiUrl);
  // Every request that waits or is under way listens; Node would warn of a leak from the eleventh on.
  setMaxListeners(0, stopping, abort);

  const explain = (error: unknown): AccountError => {
    if (isForceRetryError(error)) return explain(error.cause);
    if (error instanceof AccountError) return error;
    const { message, mayHaveArrived, mayPass, cause } = explainFailure(error, timeoutMs);
    const afterMs = error instanceof HTTPError ? retryAfterMs(error.response) : undefined;
    const retry = mayPass ? { afterMs, timedOut: error instanceof TimeoutError } : undefined;
    return new NoResponseError(`${host}: ${message}`, { mayHaveArrived, retry, cause });
  };

  /** Gives back the place in the rate limit, by request. */
  const places = new Map<unknown, () => void>();

  const http = ky.create({
    prefixUrl: apiUrl,
    headers: { "user-agent": "magnets" },
    signal: abort,
    timeout: timeoutMs,
    fetch: (input, init) =>
      fetch(input, init).finally(() => {
        places.get(input)?.();
        places.delete(input);
      }),
    retry: {
      limit: RETRIES,
      methods: ["get", "post"],
      statusCodes: RETRIED_STATUS_CODES,
      afterStatusCodes: RETRIED_STATUS_CODES,
      delay: retryDelay,
      jitter: (ms) => ms * (0.5 + Math.random()),
      backoffLimit: LONGEST_WAIT_MS,
      shouldRetry: ({ error, retryCount }) => {
        const { retry } = explain(error);
        if (!retry || stopping.aborted) return false;
        if (retry.timedOut && retryCount > TIMEOUT_RETRIES) return false;
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
          const place = await limiter.acquire(stopping).catch(() => {
            throw new StoppedError();
          });
          places.set(request, place);
        },
      ],
      afterResponse: [
        async (_request, _options, response, { retryCount }) => {
          const date = new Date(response.headers.get("date") ?? "");
          if (!Number.isNaN(date.getTime())) onDate?.(date);
          const { status } = response;
          const envelope = readEnvelope(tryParseJson(await response.text()));
          // A 429 was turned away at the door, whatever its body says, unless that is about the account.
          if (envelope?.status === "error" && (status !== 429 || isAccountCode(envelope.error.code))) {
            const { code, message } = envelope.error;
            const cause = new ApiError(redact(code), message === undefined ? undefined : redact(message));
            if (!cause.retry || stopping.aborted) throw cause;
            return ky.retry({ cause });
          }
          const waitMs = Math.max(retryAfterMs(response) ?? 0, retryDelay(retryCount + 1));
          if (status === 429 && waitMs <= LONGEST_WAIT_MS) limiter.pause(waitMs);
          else if (status === 429 || status === 503) limiter.slowDown();
          if (envelope || !response.ok) return undefined;
          const message = `${host}: the response is not AllDebrid's: a proxy or a sign-in page in between?`;
          return ky.retry({ cause: new NoResponseError(message, { retry: {} }) });
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

  return async (path, form, retries = RETRIES) => {
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
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
