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
  UND_ERR_CONNECT_TIMEOUT: "the connection took too long",
  CERT_HAS_EXPIRED: "its certificate has expired: is this machine's clock right?",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is self-signed",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate is not trusted here",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate is not trusted here",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is another host's",
};

/**
 * Explains an error thrown by fetch. The error itself is not kept: its message and fields hold the address
 * and the headers, and so the key.
 */
export function explainNetworkError(error: unknown): NetworkFailure {
  const code = codeOf(error);
  const known = NEVER_SENT[code];
  if (known !== undefined) return { message: known, mayHaveArrived: false };
  if (messageOf(error).includes("redirect")) {
    return { message: "it answered with a redirect, which is not followed", mayHaveArrived: true };
  }
  return { message: `the connection broke off${code ? ` (${code})` : ""}`, mayHaveArrived: true };
}

function codeOf(error: unknown): string {
  const chain = [
    error,
    causeOf(error),
    ...(causeOf(error) instanceof AggregateError ? (causeOf(error) as AggregateError).errors : []),
  ];
  for (const link of chain) {
    const code = (link as { code?: unknown } | undefined)?.code;
    if (typeof code === "string" && /^[A-Z0-9_]{2,60}$/.test(code)) return code;
  }
  return "";
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

function messageOf(error: unknown): string {
  const cause = causeOf(error);
  return `${error instanceof Error ? error.message : ""} ${cause instanceof Error ? cause.message : ""}`;
}
