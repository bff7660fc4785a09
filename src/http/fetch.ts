import type { IncomingHttpHeaders, IncomingMessage, RequestOptions } from "node:http";
import { pipeline, type Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** A body larger than allowed; reading ended there. */
export class BodyTooLargeError extends Error {}

/** The answer began to come and did not end as it should: cut off, or not what its headers say. */
export class BrokenAnswerError extends Error {}

/** The answer sends us to another address, where the secret of the request has no business. */
export class RedirectError extends Error {}

/** One answer, whole. */
export interface HttpAnswer {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/**
 * Reads a body, unpacked, up to `maxBytes`: a server can't fill the memory with an endless one or with a
 * small one that unpacks to gigabytes.
 * @throws BodyTooLargeError, BrokenAnswerError
 */
export async function readBody(message: IncomingMessage, maxBytes: number): Promise<string> {
  // Piece by piece, so that a long body is not there as bytes and as text at once.
  const decoder = new StringDecoder("utf8");
  let text = "";
  let size = 0;
  try {
    for await (const chunk of await unpacked(message)) {
      size += chunk.byteLength;
      if (size > maxBytes) throw new BodyTooLargeError();
      text += decoder.write(chunk);
    }
  } catch (error) {
    message.destroy();
    throw error instanceof BodyTooLargeError ? error : new BrokenAnswerError();
  }
  return text + decoder.end();
}

async function unpacked(message: IncomingMessage): Promise<Readable> {
  const encoding = message.headers["content-encoding"]?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity" || encoding === "") return message;
  if (encoding !== "gzip" && encoding !== "x-gzip") throw new BrokenAnswerError();
  const { createGunzip } = await import("node:zlib");
  // What went wrong with either of them reaches the reader.
  return pipeline(message, createGunzip(), () => {});
}

/** Bounds of one request. */
export interface TransportLimits {
  /** Of the answer's body, unpacked. */
  readonly maxBodyBytes: number;
  /** Ends it at once, the body's reading included. */
  readonly signal: AbortSignal;
}

const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * What ky sends its requests through in place of the global fetch: Node's own HTTP client, connections kept for
 * the next one. The global one takes 40 MB more, most of it for its parser, which for a program of two requests
 * is as much as all the rest. The whole answer is read before this returns; no redirect is followed.
 * @throws RedirectError, BodyTooLargeError, BrokenAnswerError, or what the system says of the connection
 */
export async function transport(request: Request, limits: TransportLimits): Promise<HttpAnswer> {
  const message = await send(request, limits.signal);
  const { statusCode: status = 0, headers } = message;
  if (REDIRECTS.includes(status)) {
    message.destroy();
    throw new RedirectError();
  }
  const body = await readBody(message, limits.maxBodyBytes);
  return { status, headers, body };
}

async function send(request: Request, signal: AbortSignal): Promise<IncomingMessage> {
  const { method, url } = request;
  const body = method === "GET" ? "" : await request.text();
  // TLS costs 3 ms to load, and loopback does without.
  const client = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  const length = method === "GET" ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const headers = { "accept-encoding": "gzip", ...Object.fromEntries(request.headers), ...length };
  const options: RequestOptions = { method, signal, headers };
  return new Promise((resolve, reject) => {
    client.request(url, options, resolve).on("error", reject).end(body);
  });
}

/** One request. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Of `http:` or `https:`. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  /** Of the answer's body, unpacked. */
  readonly maxBodyBytes: number;
  /** Ends it at once, the body's reading included. */
  readonly signal: AbortSignal;
}

/** Loads what the first request needs; to be called where the program waits for something else anyway. */
export async function prepareExchange(): Promise<void> {
  await Promise.all([import("ky"), import("node:http")]);
}

/**
 * Does one request. ky is told to retry nothing and to wait for ever: attempts and deadlines are the callers',
 * who know what may be sent twice and bound the body's reading, too.
 * @throws RedirectError, BodyTooLargeError, BrokenAnswerError, or what the system says of the connection: that
 * error's message can hold the address, so it is not to be shown.
 */
export async function exchange(request: HttpRequest): Promise<HttpAnswer> {
  const { method, url, headers, body, maxBodyBytes, signal } = request;
  const { default: ky } = await import("ky");
  let answer: HttpAnswer | undefined;
  await ky(url, {
    method,
    headers: { "user-agent": "magnets", ...headers },
    ...(body === undefined ? {} : { body }),
    redirect: "error",
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    fetch: async (input) => {
      answer = await transport(input as Request, { maxBodyBytes, signal });
      // Read already: packed into a Response and unpacked again, each body would take its memory thrice.
      return new Response(null, { status: answer.status });
    },
  });
  if (answer === undefined) throw new Error("ky sent nothing");
  return answer;
}

/**
 * Does the work with a signal that aborts once `timeoutMs` are over, or as soon as `abort` does. Which of the two it
 * was is told by `abort.aborted`.
 */
export async function withDeadline<T>(
  timeoutMs: number,
  abort: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.any: in Node 20 its timeouts can be collected as garbage before they fire.
  const deadline = new AbortController();
  const end = () => deadline.abort();
  const timer = setTimeout(end, timeoutMs);
  abort.addEventListener("abort", end, { once: true });
  if (abort.aborted) end();
  try {
    return await work(deadline.signal);
  } finally {
    clearTimeout(timer);
    abort.removeEventListener("abort", end);
  }
}
