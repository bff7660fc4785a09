/**
 * Says that there was no answer, with the system's code where there is one, such as `no connection (ECONNREFUSED)`.
 * Nothing else of the error is told: texts of the HTTP layer hold the whole address.
 */
export function connectionFailure(error: unknown): string {
  const { code } = error as { code?: unknown };
  const named = typeof code === "string" && /^[A-Z][A-Z0-9_]{2,50}$/.test(code);
  return named ? `no connection (${code})` : "no connection";
}

/** What went wrong on the way to a server, in words, and whether the request can have arrived there. */
export interface NetworkFailure {
  readonly message: string;
  /** False when the connection never came about, so that the server can't have acted on the request. */
  readonly mayHaveArrived: boolean;
}

const NEVER_SENT: Readonly<Record<string, string>> = {
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

/**
 * Explains the error of a connection. The error itself is not kept: its message and fields hold the address
 * and the headers, and so the key.
 */
export function explainNetworkError(error: unknown): NetworkFailure {
  const { code, connecting } = factsOf(error);
  const known = NEVER_SENT[code];
  if (known !== undefined) return { message: known, mayHaveArrived: false };
  if (connecting) return { message: `no connection (${code})`, mayHaveArrived: false };
  return { message: `the connection broke off${code ? ` (${code})` : ""}`, mayHaveArrived: true };
}

/** A host with several addresses fails with an error for each of them. */
function factsOf(error: unknown): { code: string; connecting: boolean } {
  const links: unknown[] = error instanceof AggregateError ? [error, ...error.errors] : [error];
  const codes = links.map((link) => (link as { code?: unknown } | undefined)?.code);
  const code = codes.find((each) => typeof each === "string" && /^[A-Z0-9_]{2,60}$/.test(each));
  const errors = links.filter((link) => !(link instanceof AggregateError));
  const connecting = errors.every(
    (each) => (each as { syscall?: unknown } | undefined)?.syscall === "connect",
  );
  return { code: typeof code === "string" ? code : "", connecting };
}
