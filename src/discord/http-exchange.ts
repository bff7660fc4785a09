import ky from "ky";

/** One answer, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

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
export async function exchange(request: Exchange): Promise<Answer | NoAnswer> {
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
    const response = await ky(request.url, {
      method: request.method,
      ...(request.json === undefined ? {} : { json: request.json }),
      headers: { "user-agent": "magnets" },
      retry: 0,
      timeout: false,
      redirect: "error",
      throwHttpErrors: false,
      signal: controller.signal,
    });
    const body = await readText(response, request.maxBodyBytes);
    if (body === undefined) return { failure: "an answer that is too large", again: false };
    return { status: response.status, headers: response.headers, body };
  } catch (error) {
    if (request.abort.aborted) return { failure: "stopped while it was under way", again: false };
    if (late) return { failure: `no answer within ${request.timeoutMs / 1000} s`, again: true };
    return failureOf(error);
  } finally {
    clearTimeout(timer);
    request.abort.removeEventListener("abort", abort);
  }
}

async function readText(response: Response, maxBytes: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Only error codes go into the message: texts of the HTTP layer hold the full address. */
function failureOf(error: unknown): NoAnswer {
  let code: string | undefined;
  let redirected = false;
  let cause = error;
  for (let depth = 0; depth < 5 && cause instanceof Error; depth++) {
    if ("code" in cause && typeof cause.code === "string")
      code ??= /^[A-Z][A-Z0-9_]{2,50}$/.exec(cause.code)?.[0];
    redirected ||= cause.message === "unexpected redirect";
    cause = cause.cause;
  }
  if (redirected) return { failure: "a redirect to another address, which is not followed", again: false };
  return { failure: code ? `no connection (${code})` : "no connection", again: true };
}
