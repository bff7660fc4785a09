import type { IncomingMessage, RequestOptions } from "node:http";
import { RedirectError } from "./errors.ts";
import type { HttpAnswer } from "./http-answer.ts";
import { readBody } from "./read-body.ts";

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
