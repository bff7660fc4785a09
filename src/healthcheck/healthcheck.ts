import { ExitCode } from "../errors.ts";
import { connectionFailure } from "../http/failures.ts";
import { BodyTooLargeError, exchange, RedirectError, withDeadline } from "../http/fetch.ts";

/** What a ping reports. */
export type PingKind = "start" | "success" | "failure";

/**
 * The address to get for a ping; none where the monitor knows no such thing. Healthchecks.io takes `/start` and
 * `/fail` after the address of the check (its documentation, "Pinging API"). An address with `/api/push/` is Uptime
 * Kuma's, which takes `status` and `msg` and knows no start (its monitor type "Push"). What else is asked in the
 * address stays.
 *
 * @param address Valid.
 * @param message A few words for Uptime Kuma's own notification.
 */
export function pingAddress(address: string, kind: PingKind, message: string): string | undefined {
  const url = new URL(address);
  if (url.pathname.includes("/api/push/")) {
    if (kind === "start") return undefined;
    url.searchParams.set("status", kind === "success" ? "up" : "down");
    url.searchParams.set("msg", message);
    return url.href;
  }
  const suffix = { start: "/start", success: "", failure: "/fail" }[kind];
  if (suffix !== "") url.pathname = url.pathname.replace(/\/+$/, "") + suffix;
  return url.href;
}

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

/** Tells a monitor how a run goes. Nothing here throws or makes a run fail; what goes wrong is a warning. */
export interface Healthcheck {
  /** Reports that the run has begun; returns at once. */
  start(): void;
  /** Reports how the run ended, where that is for the monitor to know; waits for the ping, 10 s at most. */
  finish(exitCode: ExitCode): Promise<void>;
}

/** For one ping, its second attempt included. */
const TIMEOUT_MS = 5_000;

/**
 * Makes the healthcheck of one run; without an address it does nothing.
 * @param url A secret.
 */
export function createHealthcheck(
  url: string | undefined,
  warn: (message: string) => void,
  timeoutMs = TIMEOUT_MS,
): Healthcheck {
  if (url === undefined) return { start: () => {}, finish: async () => {} };
  const silence = new AbortController();
  let started: Promise<void> = Promise.resolve();

  const send = async (kind: PingKind, message: string): Promise<void> => {
    const address = pingAddress(url, kind, message);
    if (address === undefined) return;
    const failure = await ping(address, timeoutMs, silence.signal);
    if (failure !== undefined && !silence.signal.aborted) warn(`healthcheck (${kind}): ${failure}`);
  };

  return {
    start: () => {
      started = send("start", "");
    },
    finish: async (exitCode) => {
      const kind = kindOf(exitCode);
      if (kind === undefined) return silence.abort();
      // The monitor must not see the start after the end.
      await started;
      await send(kind, kind === "success" ? "OK" : `magnets exited with ${exitCode}: see its log`);
    },
  };
}

/**
 * 0 is success, 1 and 3 are failure. Another run at work (75) says nothing, and neither does a run that was stopped
 * by a signal (130, 143): the machine may be going down, and the monitor misses the next success if it stays so.
 */
function kindOf(exitCode: ExitCode): PingKind | undefined {
  if (exitCode === ExitCode.ok) return "success";
  return exitCode === ExitCode.failed || exitCode === ExitCode.attention ? "failure" : undefined;
}
