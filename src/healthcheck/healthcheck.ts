import ky, { HTTPError, TimeoutError } from "ky";
import * as v from "valibot";
import { cleanText, tryParseJson } from "../core/text.ts";
import { ExitCode } from "../errors.ts";
import { explainFailure, IN_BETWEEN, isWebPage } from "../http/failures.ts";
import { createFetch, FetchError } from "../http/fetch.ts";

/** For one attempt. */
const TIMEOUT_MS = 5_000;

export type PingKind = "start" | "success" | "failure" | "log";

/**
 * The URL to get for a ping; `undefined` where the monitor knows no such ping. A URL with `/api/push/` is Uptime Kuma's
 * (its monitor type "Push"), where `message` is for its notification. Healthchecks takes `/start`, `/fail` and `/log`,
 * which changes no status, after the URL of the check (its documentation, "Pinging API").
 */
export function pingUrl(text: string, kind: PingKind, message: string): string | undefined {
  const url = new URL(text);
  if (url.pathname.includes("/api/push/")) {
    if (kind === "start" || kind === "log") return undefined;
    url.searchParams.set("status", kind === "success" ? "up" : "down");
    url.searchParams.set("msg", message);
  } else if (kind !== "success") {
    url.pathname = url.pathname.replace(/\/+$/, "") + (kind === "failure" ? "/fail" : `/${kind}`);
  }
  return url.href;
}

/** Tells a monitor how a run goes. A failed ping is a warning and never makes a run fail. */
export type Healthcheck = ReturnType<typeof createHealthcheck>;

/** Makes the healthcheck of one run; without a URL, which is a secret, it does nothing. */
export function createHealthcheck(
  url: string | undefined,
  warn: (message: string) => void,
  timeoutMs = TIMEOUT_MS,
) {
  const silence = new AbortController();
  const http = createClient(silence.signal, timeoutMs);
  let started: Promise<void> = Promise.resolve();

  const send = async (kind: PingKind, message: string): Promise<void> => {
    const pinged = url && pingUrl(url, kind, message);
    if (!pinged) return;
    const explain = (error: unknown) => explainFailure(error, timeoutMs).message;
    const problem = await http(pinged).then(problemOf).catch(explain);
    if (problem !== undefined && !silence.signal.aborted) warn(`healthcheck (${kind}): ${problem}`);
  };

  return {
    /** Reports that the run has begun; returns at once. */
    start(): void {
      started = send("start", "");
    },
    /** Reports how the run ended, where that is for the monitor to know; waits for the pings. */
    async finish(exitCode: ExitCode): Promise<void> {
      const isFailure = exitCode === ExitCode.failed || exitCode === ExitCode.attention;
      // Another run at work (75) says nothing, and neither does a run that was stopped by a signal (130, 143): the
      // machine may be going down, and the monitor misses the next success if it stays so.
      if (exitCode !== ExitCode.ok && !isFailure) return silence.abort();
      // The monitor must not see the start after the end.
      await started;
      if (isFailure) await send("failure", `magnets exited with ${exitCode}: see its log`);
      else await send("success", "OK");
    },
  };
}

function createClient(signal: AbortSignal, timeout: number) {
  const retry = {
    limit: 1,
    // A connection lost on the way should not raise an alarm.
    shouldRetry: ({ error }: { error: Error }) =>
      !(error instanceof TimeoutError) && explainFailure(error, timeout).mayPass,
  };
  return ky.create({ fetch: createFetch(), headers: { "user-agent": "magnets" }, signal, timeout, retry });
}

const NOT_FOUND = "the monitor does not know this check: copy its URL into healthcheck_url again";
const RATE_LIMITED =
  "the monitor ignored this ping, since they come too often: does anything else ping the same URL?";
const KumaRefusal = v.object({ ok: v.literal(false), msg: v.fallback(v.string(), "it gives no reason") });

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
  if (/^(OK \()?not found\)?$/i.test(body)) return NOT_FOUND;
  if (/^(OK \()?rate limited\)?$/i.test(body)) return RATE_LIMITED;
  const [, remark] = /^OK \((?!created\))(.+)\)$/i.exec(body) ?? [];
  const refusal = v.safeParse(KumaRefusal, tryParseJson(body));
  const said = refusal.success ? refusal.output.msg : remark;
  return said === undefined ? undefined : `the monitor did not count this ping: ${cleanText(said, 100)}`;
}

/**
 * Asks a monitor whether it knows the check, changing nothing: of Uptime Kuma only the host can be asked (`responds`).
 * `busy` is one that heard too much lately to say. `url` is a secret.
 */
export async function inspectMonitor(
  url: string,
  signal: AbortSignal,
): Promise<{ kind: "known" | "responds" } | { kind: "busy" | "failed"; message: string }> {
  const logUrl = pingUrl(url, "log", "");
  const isKuma = logUrl === undefined;
  const asked = new URL(logUrl ?? "/", url);
  // Would make a check that is not there.
  asked.searchParams.delete("create");
  try {
    const response = await createClient(signal, TIMEOUT_MS)(asked.href, { throwHttpErrors: !isKuma });
    if (isKuma) return { kind: "responds" };
    const message = await problemOf(response);
    if (message === undefined) return { kind: "known" };
    return { kind: message === RATE_LIMITED ? "busy" : "failed", message };
  } catch (error) {
    // Uptime Kuma leads browsers from / to its dashboard.
    if (isKuma && error instanceof FetchError && error.reason === "redirect") return { kind: "responds" };
    const isUnknown = error instanceof HTTPError && error.response.status === 404;
    return { kind: "failed", message: isUnknown ? NOT_FOUND : explainFailure(error, TIMEOUT_MS).message };
  }
}
