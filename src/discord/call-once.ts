import { connectionFailure } from "../http/connection-failure.ts";
import { BodyTooLargeError, RedirectError } from "../http/errors.ts";
import { exchange } from "../http/exchange.ts";
import type { HttpAnswer } from "../http/http-answer.ts";
import { withDeadline } from "../http/with-deadline.ts";

/** There was no usable answer. Holds nothing of the error, which could hold the address. */
export interface NoAnswer {
  /** Such as `no answer within 15 s`, `no connection (ECONNREFUSED)`. */
  readonly failure: string;
  /** Whether the same request may do better at once. */
  readonly again: boolean;
}

/** One request to Discord. */
export interface DiscordRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** For the whole exchange, the answer's body included. */
  readonly timeoutMs: number;
  /** Bytes, after decompression. */
  readonly maxBodyBytes: number;
  /** Kills the request. */
  readonly abort: AbortSignal;
}

/** Does one request and reads its answer, bounded in time and size. Never throws, follows no redirect. */
export async function callOnce(request: DiscordRequest): Promise<HttpAnswer | NoAnswer> {
  const { method, url, json, timeoutMs, maxBodyBytes, abort } = request;
  return withDeadline(timeoutMs, abort, async (signal) => {
    try {
      return await exchange({
        method,
        url,
        headers: json === undefined ? {} : { "content-type": "application/json" },
        body: json === undefined ? undefined : JSON.stringify(json),
        maxBodyBytes,
        signal,
      });
    } catch (error) {
      if (abort.aborted) return { failure: "stopped while it was under way", again: false };
      if (signal.aborted) return { failure: `no answer within ${timeoutMs / 1000} s`, again: true };
      return failureOf(error);
    }
  });
}

function failureOf(error: unknown): NoAnswer {
  if (error instanceof BodyTooLargeError) return { failure: "an answer that is too large", again: false };
  if (error instanceof RedirectError) {
    return { failure: "a redirect to another address, which is not followed", again: false };
  }
  return { failure: connectionFailure(error), again: true };
}
