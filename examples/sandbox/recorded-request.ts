import type { IncomingHttpHeaders } from "node:http";

/** One request as a sandbox received it. */
export type RecordedRequest = {
  /** Arrival, monotonic milliseconds (`performance.now()`). */
  readonly at: number;
  readonly method: string;
  /** The path without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The address and port of the other side. */
  readonly remote: string;
  /** The body as text. */
  readonly body: string;
  /** The fields of a form-encoded body, in order; empty for any other body. */
  readonly form: URLSearchParams;
  /** The short name of what was asked, such as `delete`; `unknown` if there is no such thing. */
  endpoint: string;
  /** The key or token that came with it. */
  key: string | null;
  /** The name of the account that the key opens. */
  account: string | null;
  /** The HTTP status answered; null while there is none, and for ever when the connection was cut. */
  status: number | null;
  /** The kind of fault that was played, if any. */
  fault: string | null;
  /** Whether what was asked was carried out (or rightly refused), whatever was answered. */
  acted: boolean;
};

/** Which requests are meant: an endpoint's name, a path, `*`, or any question about the request. */
export type RequestMatch = string | ((request: RecordedRequest) => boolean);

/** Whether `request` is one of those meant by `match`. */
export function matches(match: RequestMatch, request: RecordedRequest): boolean {
  if (typeof match === "function") return match(request);
  return match === "*" || match === request.endpoint || match === request.path;
}
