import { HTTPError, TimeoutError } from "ky";
import { FetchError } from "./fetch.ts";
import { ProxyError, showProxy } from "./proxy.ts";

/** Why a request brought no usable response. */
export interface Failure {
  /**
   * In words, with what a person can do, and without the host's name. Nothing of an error's own message is in it: those
   * of the HTTP layer hold the whole URL, and so secrets.
   */
  readonly message: string;
  /** The server may have acted on the request. */
  readonly mayHaveArrived: boolean;
  /** The same request may do better soon. */
  readonly mayPass: boolean;
  /** What the system said; ky's own errors hold the request with its secrets and are not kept. */
  readonly cause?: unknown;
}

const OWN_AUTHORITY =
  "its certificate is not trusted here: if a proxy inspects TLS, or the server has an authority of its own, put that " +
  "authority's certificate in a file and name it in NODE_EXTRA_CA_CERTS";

/** What a connection that never came about means to a person, by the system's code. */
const NEVER_CONNECTED: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused: is the server running, or a firewall in between?",
  ENOTFOUND: "its name can't be resolved: is it spelled right, and does no DNS blocker hide it?",
  EAI_AGAIN: "its name can't be resolved now: is there a network, and does its name server respond?",
  ENETUNREACH: "the network can't be reached: is this machine online?",
  EHOSTUNREACH: "it can't be reached: is this machine online, and no firewall in between?",
  ETIMEDOUT: "packets get no response: a firewall or a VPN may drop them",
  CERT_NOT_YET_VALID:
    "its certificate is not valid yet: this machine's clock is behind, set it (see timedatectl)",
  CERT_HAS_EXPIRED:
    "its certificate has expired, or this machine's clock is ahead: check the clock (see timedatectl)",
  DEPTH_ZERO_SELF_SIGNED_CERT: OWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: OWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: OWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OWN_AUTHORITY,
  CERT_UNTRUSTED: OWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID:
    "its certificate is another host's: is a sign-in page, a proxy or a DNS blocker in between?",
  EPROTO: "what is there does not speak TLS: is a sign-in page in between, or is it a server for plain http?",
};

/** What a response that is not the service's own may be. */
export const IN_BETWEEN = "is a proxy or a sign-in page in between?";

/** Whether a response is a page for people, as proxies and sign-in pages send them. */
export function isWebPage(contentType: string | null, body: string): boolean {
  return /\bhtml\b/i.test(contentType ?? "") || body.trimStart().startsWith("<");
}

/** Explains what a request through ky and `createFetch` failed with; `timeoutMs` is ky's. Throws what is a bug. */
export function explainFailure(error: unknown, timeoutMs: number): Failure {
  if (error instanceof HTTPError) return statusFailure(error.response.status);
  if (error instanceof TimeoutError) {
    const message = `no whole response within ${timeoutMs / 1000} s: the server or the way to it is overloaded`;
    return { message, mayHaveArrived: true, mayPass: true };
  }
  if (error instanceof ProxyError) {
    return { message: error.message, mayHaveArrived: false, mayPass: false, cause: error };
  }
  if (error instanceof FetchError) return fetchFailure(error);
  if (error instanceof DOMException && error.name === "AbortError") {
    return { message: "stopped before the response came", mayHaveArrived: true, mayPass: false };
  }
  throw error;
}

const PROXY_SIGN_IN = "the proxy wants a user name and password (407): http://USER:PASSWORD@HOST:PORT";
const PAGE_SIGN_IN = "a sign-in page of this network is in between (511): sign in with a browser first";

function statusFailure(status: number): Failure {
  // Turned away at the door.
  if (status === 429) return { message: "too many requests (429)", mayHaveArrived: false, mayPass: true };
  if (status === 407) return { message: PROXY_SIGN_IN, mayHaveArrived: false, mayPass: false };
  if (status === 511) return { message: PAGE_SIGN_IN, mayHaveArrived: false, mayPass: true };
  const mayPass = status >= 500 || status === 408 || status === 425;
  return { message: `it responded with status ${status}`, mayHaveArrived: true, mayPass };
}

/** By the reason of a `FetchError`. */
const REASONS = {
  "no connection": "no connection in time: a firewall or a VPN may drop the packets",
  redirect: "it redirects elsewhere, which is not followed: is its URL right, or a sign-in page in between?",
  "too large": "the response is larger than any real one",
  broken: "the response was cut short",
};

function fetchFailure(error: FetchError): Failure {
  const { reason, cause, details } = error;
  const { proxy, status = 0 } = details;
  const name = proxy && showProxy(proxy);
  if (reason === "proxy") {
    // The server never saw the request.
    const refused = `the proxy ${name} did not let it through (${status}): ask who runs it, or exempt the host with NO_PROXY`;
    const message = status === 407 ? PROXY_SIGN_IN : refused;
    return { message, mayHaveArrived: false, mayPass: status >= 500 };
  }
  // Where it happened on the way there.
  const place = name === undefined ? "" : `its proxy ${name}: `;
  if (reason === "connection") return connectionFailure(error, place);
  const mayHaveArrived = reason !== "no connection";
  const mayPass = reason === "no connection" || reason === "broken";
  return { message: `${place}${REASONS[reason]}`, mayHaveArrived, mayPass, cause };
}

/** A host with several addresses fails with an error for each of them. */
function connectionFailure({ cause, details }: FetchError, place: string): Failure {
  const causes: readonly unknown[] = cause instanceof AggregateError ? cause.errors : [cause];
  const errors = causes.filter((each): each is NodeJS.ErrnoException => each instanceof Error);
  const code = errors.map((each) => each.code ?? "").find((each) => /^[A-Z0-9_]{2,60}$/.test(each)) ?? "";
  const inBrackets = code && ` (${code})`;
  // Also of a connection that stood already.
  const isConnecting = errors.length > 0 && errors.every(({ syscall }) => syscall === "connect");
  const known = NEVER_CONNECTED[code.startsWith("ERR_SSL_") ? "EPROTO" : code];
  const mayHaveArrived = !isConnecting && (known === undefined || code === "ETIMEDOUT");
  const blocked = details.proxy ? undefined : blockedName(details.addresses);
  const words = mayHaveArrived ? "the connection broke off" : (blocked ?? known ?? "no connection");
  return { message: `${place}${words}${inBrackets}`, mayHaveArrived, mayPass: true, cause };
}

/** A name that leads to this machine or nowhere is what DNS blockers (Pi-hole and the like) make of it. */
function blockedName([first, ...others]: readonly string[] = []): string | undefined {
  const isNowhere = (address: string) => /^(0\.0\.0\.0|127\.\d+\.\d+\.\d+|::1?)$/.test(address);
  if (first === undefined || ![first, ...others].every(isNowhere)) return undefined;
  return `its name leads to ${first}: a DNS blocker hides it; allow the name there`;
}
