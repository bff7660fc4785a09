import ky, { HTTPError, TimeoutError } from "ky";
import * as v from "valibot";
import { cleanText, tryParseJson } from "../core/text.ts";
import { ExitCode } from "../errors.ts";
import { explainFailure, IN_BETWEEN, isWebPage } from "../http/failures.ts";
import { createFetch, FetchError } from "../http/fetch.ts";

/** For one attempt. */
const TIMEOUT_MS = 5_000;

/** What a ping reports. */
export type PingKind = "start" | "success" | "failure";

/**
 * The URL to get for a ping; `undefined` where the monitor knows no such ping. Healthchecks.io takes `/start` and
 * `/fail` after the URL of the check (its documentation, "Pinging API"). A URL with `/api/push/` is Uptime Kuma's,
 * which takes `status` and `msg`, a few words for its own notification, and knows no start (its monitor type "Push").
 * The rest of the query stays.
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

/** Makes the healthcheck of one run; without a URL, which is a secret, it does nothing. */
export function createHealthcheck(
  url: string | undefined,
  warn: (message: string) => void,
  timeoutMs = TIMEOUT_MS,
): Healthcheck {
  if (url === undefined) return { start: () => {}, finish: async () => {} };
  const silence = new AbortController();
  const http = createClient(silence.signal, timeoutMs);
  let started: Promise<void> = Promise.resolve();

  const send = async (kind: PingKind, message: string): Promise<void> => {
    const pinged = pingUrl(url, kind, message);
    if (pinged === undefined) return;
    try {
      const problem = await problemOf(await http(pinged));
      if (problem !== undefined) warn(`healthcheck (${kind}): ${problem}`);
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
      const isFailure = exitCode === ExitCode.failed || exitCode === ExitCode.attention;
      // Another run at work (75) says nothing, and neither does a run that was stopped by a signal (130, 143): the
      // machine may be going down, and the monitor misses the next success if it stays so.
      if (exitCode !== ExitCode.ok && !isFailure) return silence.abort();
      const kind = isFailure ? "failure" : "success";
      // The monitor must not see the start after the end.
      await started;
      await send(kind, isFailure ? `magnets exited with ${exitCode}: see its log` : "OK");
    },
  };
}

function createClient(signal: AbortSignal, timeoutMs: number) {
  return ky.create({
    fetch: createFetch(),
    headers: { "user-agent": "magnets" },
    signal,
    timeout: timeoutMs,
    retry: {
      // A connection lost on the way should not raise an alarm.
      limit: 1,
      shouldRetry: ({ error }) =>
        !(error instanceof TimeoutError) && explainFailure(error, timeoutMs).mayPass,
    },
  });
}

const KumaRefusal = v.object({ ok: v.literal(false), msg: v.optional(v.unknown()) });

const NOT_FOUND = "the monitor does not know this check: copy its URL into healthcheck_url again";

const RATE_LIMITED =
  "the monitor ignored this ping, since they come too often: does anything else ping the same URL?";

/**
 * What the monitor says against a ping that it answered with 200; undefined when it counts. Healthchecks says
 * `OK (not found)` of a check that is not there and `OK (rate limited)` of a ping that it ignored (its documentation,
 * "Pinging API"), Uptime Kuma `{"ok":false,"msg":…}`.
 */
async function problemOf(response: Response): Promise<string | undefined> {
  const body = (await response.text()).trim();
  if (isWebPage(response.headers.get("content-type"), body)) {
    return `it responded with a web page, so this ping may not count: ${IN_BETWEEN}`;
  }
  const remark = /^OK \((.+)\)$/i.exec(body)?.[1] ?? body;
  if (/^not found$/i.test(remark)) return NOT_FOUND;
  if (/^rate limited$/i.test(remark)) return RATE_LIMITED;
  if (/^created$/i.test(remark)) return undefined;
  const refusal = v.safeParse(KumaRefusal, tryParseJson(body));
  if (!refusal.success && remark === body) return undefined;
  const said = refusal.success ? String(refusal.output.msg ?? remark) : remark;
  return `the monitor did not count this ping: ${cleanText(said, 100)}`;
}

/** What is known of a monitor that was asked without a ping. */
export type MonitorOutcome =
  /** `responds`: whether it knows the check can't be seen. */
  | { readonly kind: "known" | "responds" }
  /** `busy`: it heard too much lately to say. */
  | { readonly kind: "busy" | "failed"; readonly message: string };

/**
 * Asks a monitor whether it knows the check, changing nothing. Healthchecks notes what is sent to `/log` and leaves the
 * check's status as it is; Uptime Kuma has no such thing, so that only its host is asked. `url` is a secret.
 */
export async function inspectMonitor(url: string, signal: AbortSignal): Promise<MonitorOutcome> {
  const asked = new URL(url);
  const isKuma = asked.pathname.includes("/api/push/");
  asked.pathname = isKuma ? "/" : `${asked.pathname.replace(/\/+$/, "")}/log`;
  // Would make a check that is not there.
  asked.searchParams.delete("create");
  if (isKuma) asked.search = "";
  try {
    const response = await createClient(signal, TIMEOUT_MS)(asked.href, { throwHttpErrors: !isKuma });
    const problem = isKuma ? undefined : await problemOf(response);
    if (problem === undefined) return { kind: isKuma ? "responds" : "known" };
    return { kind: problem === RATE_LIMITED ? "busy" : "failed", message: problem };
  } catch (error) {
    // Uptime Kuma leads browsers from / to its dashboard.
    if (isKuma && error instanceof FetchError && error.reason === "redirect") return { kind: "responds" };
    const isUnknown = error instanceof HTTPError && error.response.status === 404;
    return { kind: "failed", message: isUnknown ? NOT_FOUND : explainFailure(error, TIMEOUT_MS).message };
  }
}
