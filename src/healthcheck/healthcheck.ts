import ky, { TimeoutError } from "ky";
import { ExitCode } from "../errors.ts";
import { explainFailure } from "../http/failures.ts";
import { fetchOverHttp } from "../http/fetch.ts";

/** What a ping reports. */
export type PingKind = "start" | "success" | "failure";

/**
 * The URL to get for a ping; `undefined` where the monitor knows no such ping. Healthchecks.io takes `/start` and
 * `/fail` after the URL of the check (its documentation, "Pinging API"). A URL with `/api/push/` is Uptime Kuma's,
 * which takes `status` and `msg` and knows no start (its monitor type "Push"). The rest of the query stays.
 *
 * @param text Valid.
 * @param message A few words for Uptime Kuma's own notification.
 */
export function pingUrl(text: string, kind: PingKind, message: string): string | undefined {
  const url = new URL(text);
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

/** Tells a monitor how a run goes. A failed ping is a warning and never makes a run fail. */
export interface Healthcheck {
  /** Reports that the run has begun; returns at once. */
  start(): void;
  /** Reports how the run ended, where that is for the monitor to know; waits for the pings. */
  finish(exitCode: ExitCode): Promise<void>;
}

/**
 * Makes the healthcheck of one run; without a URL it does nothing.
 * @param url A secret.
 * @param timeoutMs For one attempt.
 */
export function createHealthcheck(
  url: string | undefined,
  warn: (message: string) => void,
  timeoutMs = 5_000,
): Healthcheck {
  if (url === undefined) return { start: () => {}, finish: async () => {} };
  const silence = new AbortController();
  const http = ky.create({
    fetch: fetchOverHttp,
    headers: { "user-agent": "magnets" },
    signal: silence.signal,
    timeout: timeoutMs,
    retry: {
      // A connection lost on the way should not raise an alarm.
      limit: 1,
      shouldRetry: ({ error }) =>
        !(error instanceof TimeoutError) && explainFailure(error, timeoutMs).mayPass,
    },
  });
  let started: Promise<void> = Promise.resolve();

  const send = async (kind: PingKind, message: string): Promise<void> => {
    const pinged = pingUrl(url, kind, message);
    if (pinged === undefined) return;
    try {
      await http(pinged);
    } catch (error) {
      const failure = explainFailure(error, timeoutMs);
      if (!silence.signal.aborted) warn(`healthcheck (${kind}): ${failure.message}`);
    }
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
