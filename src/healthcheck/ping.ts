import { connectionFailure } from "../http/connection-failure.ts";
import { BodyTooLargeError, RedirectError } from "../http/errors.ts";
import { exchange } from "../http/exchange.ts";
import { withDeadline } from "../http/with-deadline.ts";

/** Why a ping did not work, in one line without the address; `undefined` when it did. */
export type PingFailure = string | undefined;

/** Attempts within the time of one ping: a connection lost on the way should not raise an alarm. */
const ATTEMPTS = 2;

/** Monitors answer a word or two. */
const MAX_BODY_BYTES = 64 * 1024;

/**
 * Gets the address and says why that did not work, if so; the time is for all attempts together. Never throws:
 * the errors of the HTTP layer hold the address, of which nothing may be told.
 */
export async function ping(address: string, timeoutMs: number, abort: AbortSignal): Promise<PingFailure> {
  return withDeadline(timeoutMs, abort, async (signal) => {
    let failure: PingFailure;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const outcome = await attemptPing(address, signal);
      if (outcome === "done") return undefined;
      failure = outcome.failure;
      if (!outcome.again) break;
    }
    if (abort.aborted) return "cut short, since the run is ending";
    return signal.aborted ? `no answer within ${timeoutMs / 1000} s` : failure;
  });
}

type Outcome = "done" | { readonly failure: string; readonly again: boolean };

async function attemptPing(url: string, signal: AbortSignal): Promise<Outcome> {
  try {
    const { status } = await exchange({
      method: "GET",
      url,
      headers: {},
      maxBodyBytes: MAX_BODY_BYTES,
      signal,
    });
    if (status >= 200 && status < 300) return "done";
    return { failure: `it answered ${status}`, again: status >= 500 };
  } catch (error) {
    if (error instanceof RedirectError) {
      const failure = "a redirect, which is not followed: configure the address it leads to";
      return { failure, again: false };
    }
    if (error instanceof BodyTooLargeError) return { failure: "the answer is no monitor's", again: false };
    return { failure: connectionFailure(error), again: !signal.aborted };
  }
}
