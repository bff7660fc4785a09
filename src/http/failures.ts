import { HTTPError, TimeoutError } from "ky";
import { FetchError } from "./fetch.ts";

/** Why a request brought no usable response. */
export interface Failure {
  /**
   * In words, without the host's name. Nothing of an error's own message is in it: those of the HTTP layer hold the
   * whole URL, and so secrets.
   */
  readonly message: string;
  /** The server may have acted on the request. */
  readonly mayHaveArrived: boolean;
  /** The same request may do better soon. */
  readonly mayPass: boolean;
  /** What the system said; ky's own errors hold the request with its secrets and are not kept. */
  readonly cause?: unknown;
}

/** What a connection that never came about means to a person, by the system's code. */
const NEVER_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ENOTFOUND: "its name can't be resolved: is there a network?",
  EAI_AGAIN: "its name can't be resolved now: is there a network?",
  ENETUNREACH: "the network can't be reached",
  EHOSTUNREACH: "it can't be reached",
  CERT_HAS_EXPIRED: "its certificate has expired: is this machine's clock right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted here",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is another host's",
};

const BAD_RESPONSES: Readonly<Record<Exclude<FetchError["reason"], "connection">, string>> = {
  redirect:
    "it redirects elsewhere, which is not followed: is the address right, or a sign-in page in between?",
  "too large": "the response is larger than any real one",
  broken: "the response was cut short",
};

/**
 * Explains what a request through ky and `fetchOverHttp` failed with.
 * @param timeoutMs what ky was given
 * @throws anything else: a bug
 */
export function explainFailure(error: unknown, timeoutMs: number): Failure {
  if (error instanceof HTTPError) return statusFailure(error.response.status);
  if (error instanceof TimeoutError) {
    const message = `no whole response within ${timeoutMs / 1000} s`;
    return { message, mayHaveArrived: true, mayPass: true };
  }
  if (error instanceof FetchError) {
    const { reason, cause } = error;
    if (reason === "connection") return connectionFailure(cause);
    return { message: BAD_RESPONSES[reason], mayHaveArrived: true, mayPass: reason === "broken", cause };
  }
  if (error instanceof DOMException && error.name === "AbortError") {
    return { message: "stopped before the response came", mayHaveArrived: true, mayPass: false };
  }
  throw error;
}

function statusFailure(status: number): Failure {
  // Turned away at the door.
  if (status === 429) return { message: "too many requests (429)", mayHaveArrived: false, mayPass: true };
  const mayPass = status >= 500 || status === 408 || status === 425;
  return { message: `it responded with status ${status}`, mayHaveArrived: true, mayPass };
}

/** A host with several addresses fails with an error for each of them. */
function connectionFailure(cause: unknown): Failure {
  const causes: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  const errors = causes.filter((each): each is NodeJS.ErrnoException => each instanceof Error);
  const code = errors.map((each) => each.code ?? "").find((each) => /^[A-Z0-9_]{2,60}$/.test(each)) ?? "";
  const inBrackets = code && ` (${code})`;
  const known = NEVER_CONNECTED[code];
  if (known !== undefined) {
    return { message: known + inBrackets, mayHaveArrived: false, mayPass: true, cause };
  }
  const connected = errors.length === 0 || errors.some(({ syscall }) => syscall !== "connect");
  const message = connected ? "the connection broke off" : "no connection";
  return { message: message + inBrackets, mayHaveArrived: connected, mayPass: true, cause };
}
