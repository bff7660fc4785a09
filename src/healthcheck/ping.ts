/** Why a ping did not work, in one line without the address; `undefined` when it did. */
export type PingFailure = string | undefined;

/** Attempts within the time of one ping: a connection lost on the way should not raise an alarm. */
const ATTEMPTS = 2;

/**
 * Gets the address and says why that did not work, if so; the time is for all attempts together. Never throws:
 * the errors of the HTTP layer hold the address, of which nothing may be told.
 */
export async function ping(address: string, timeoutMs: number, abort: AbortSignal): Promise<PingFailure> {
  const deadline = new AbortController();
  const end = () => deadline.abort();
  const timer = setTimeout(end, timeoutMs);
  abort.addEventListener("abort", end, { once: true });
  if (abort.aborted) end();
  try {
    let failure: PingFailure;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const outcome = await attemptPing(address, deadline.signal);
      if (outcome === "done") return undefined;
      failure = outcome.failure;
      if (!outcome.again) break;
    }
    if (abort.aborted) return "cut short, since the run is ending";
    return deadline.signal.aborted ? `no answer within ${timeoutMs / 1000} s` : failure;
  } finally {
    clearTimeout(timer);
    abort.removeEventListener("abort", end);
  }
}

type Outcome = "done" | { readonly failure: string; readonly again: boolean };

async function attemptPing(address: string, signal: AbortSignal): Promise<Outcome> {
  try {
    const response = await fetch(address, {
      headers: { "user-agent": "magnets" },
      redirect: "manual",
      signal,
    });
    // Nothing in the answer matters, and an endless one must not be waited for.
    await response.body?.cancel();
    if (response.ok) return "done";
    if (response.status >= 300 && response.status < 400) {
      return {
        failure: "a redirect, which is not followed: configure the address it leads to",
        again: false,
      };
    }
    return { failure: `it answered ${response.status}`, again: response.status >= 500 };
  } catch (error) {
    return { failure: `no connection${codeOf(error)}`, again: !signal.aborted };
  }
}

function codeOf(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{2,50}$/.test(code) ? ` (${code})` : "";
}
