import { BodyTooLargeError, RedirectError } from "../http/errors.ts";
import { exchange as exchangeOnce } from "../http/exchange.ts";
import type { HttpAnswer } from "../http/http-answer.ts";

/** There was no usable answer. Holds nothing of the error, which could hold the address. */
export interface NoAnswer {
  /** Such as `no answer within 15 s`, `no connection (ECONNREFUSED)`. */
  readonly failure: string;
  /** Whether the same request may do better at once. */
  readonly again: boolean;
}

export interface Exchange {
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
export async function exchange(request: Exchange): Promise<HttpAnswer | NoAnswer> {
  // Not AbortSignal.any: in Node 20 its timeouts can be collected as garbage before they fire.
  const controller = new AbortController();
  const abort = () => controller.abort();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    abort();
  }, request.timeoutMs);
  request.abort.addEventListener("abort", abort, { once: true });
  if (request.abort.aborted) abort();
  try {
    const { method, url, json, maxBodyBytes } = request;
    return await exchangeOnce({
      method,
      url,
      headers: json === undefined ? {} : { "content-type": "application/json" },
      body: json === undefined ? undefined : JSON.stringify(json),
      maxBodyBytes,
      signal: controller.signal,
    });
  } catch (error) {
    if (request.abort.aborted) return { failure: "stopped while it was under way", again: false };
    if (late) return { failure: `no answer within ${request.timeoutMs / 1000} s`, again: true };
    return failureOf(error);
  } finally {
    clearTimeout(timer);
    request.abort.removeEventListener("abort", abort);
  }
}

/** Only error codes go into the message: texts of the HTTP layer hold the full address. */
function failureOf(error: unknown): NoAnswer {
  if (error instanceof BodyTooLargeError) return { failure: "an answer that is too large", again: false };
  if (error instanceof RedirectError) {
    return { failure: "a redirect to another address, which is not followed", again: false };
  }
  const { code } = error as { code?: unknown };
  const named = typeof code === "string" && /^[A-Z][A-Z0-9_]{2,50}$/.test(code);
  return { failure: named ? `no connection (${code})` : "no connection", again: true };
}
