import type { ServerResponse } from "node:http";
import type { RecordedRequest } from "./recorded-request.ts";

/** A whole HTTP answer. */
export type Answer = { status: number; body: string; headers?: Record<string, string> };

/** What a faulty server does instead of answering as it should. */
export type Behaviour =
  /** An AllDebrid error for the whole request, inside HTTP 200 unless `status` says otherwise. */
  | { kind: "api-error"; code: string; message?: string; status?: number }
  /** Any status, body and headers. */
  | { kind: "http"; status: number; body?: string; headers?: Record<string, string> }
  /** Any JSON value in HTTP 200. */
  | { kind: "json"; value: unknown }
  /** The real answer, changed on its way (`null` as JSON text is handed on as null). */
  | { kind: "rewrite"; edit: (answer: unknown) => unknown }
  /** The real answer with something in front of it. */
  | { kind: "prefixed"; text: string }
  /** The real answer cut in half: a `Content-Length` that is never reached, or an unfinished chunked body. */
  | { kind: "truncated"; chunked?: boolean }
  /** The connection is reset (RST) before any answer. */
  | { kind: "reset" }
  /** The connection is closed without an answer. */
  | { kind: "close" }
  /** Carries the request out, then closes without an answer. */
  | { kind: "lost-answer" }
  /** Never sends so much as a header. */
  | { kind: "no-header" }
  /** Sends headers, then a space every `everyMs` (50) milliseconds, for ever. */
  | { kind: "drip"; everyMs?: number }
  /** Sends `bytes` (4 GiB) of spaces as fast as they are taken, then the real answer. */
  | { kind: "endless"; bytes?: number }
  /** A small gzip body that unpacks to `bytes` (4 GiB) of spaces, then the real answer. */
  | { kind: "gzip-bomb"; bytes?: number }
  | { kind: "redirect"; location: string; status?: 301 | 302 | 303 | 307 | 308 }
  /** The real answer, `ms` milliseconds later. */
  | { kind: "delay"; ms: number }
  /** The real answer, once `until` settles. Without `act`, the work too is done only then. */
  | { kind: "hold"; until: Promise<unknown> }
  /** Anything else. `carryOut` does the real work (once) and returns the real answer. */
  | {
      kind: "handler";
      handle: (
        request: RecordedRequest,
        response: ServerResponse,
        carryOut: () => Answer,
      ) => void | Promise<void>;
    };

/** HTTP 429 with any `Retry-After`, or none. */
export function tooManyRequests(retryAfter?: string): Behaviour {
  const headers: Record<string, string> = retryAfter === undefined ? {} : { "retry-after": retryAfter };
  return { kind: "http", status: 429, body: "Too Many Requests", headers };
}

/** A page such as Cloudflare shows when the server behind it is away; also seen with 200. */
export function cloudflarePage(status = 502): Behaviour {
  const body = `<!DOCTYPE html>\n<html><head><title>api.alldebrid.com | ${status}: Bad gateway</title></head>
<body><h1>Bad gateway</h1><p>Error code ${status}. Cloudflare Ray ID: 7d1e5f0a9c8b7a6d</p></body></html>\n`;
  return {
    kind: "http",
    status,
    body,
    headers: { "content-type": "text/html; charset=UTF-8", server: "cloudflare" },
  };
}

/** The stray word in front of the JSON that clients met in an outage of AllDebrid's. */
export function reconnectGlitch(): Behaviour {
  return { kind: "prefixed", text: "reconnect" };
}

/** HTTP 200 with nothing in it, as in an outage of AllDebrid's. */
export function emptyBody(): Behaviour {
  return { kind: "http", status: 200, headers: { "content-type": "application/json" } };
}
