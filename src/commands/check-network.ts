import { type ArrClient, ArrError } from "../arrs/client.ts";
import { fingerprint } from "../config/accounts.ts";
import { SYSTEM_CONFIG } from "../config/config-file.ts";
import type { Config } from "../config/load-config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { createWebhook } from "../discord/webhook.ts";
import { inspectMonitor } from "../healthcheck/healthcheck.ts";
import { findProxy, ProxyError, showProxy } from "../http/proxy.ts";
import { sudo } from "../permissions.ts";
import type { OpenedStore } from "../state/store.ts";
import { showUnit } from "../system/systemd.ts";
import { createArrClients } from "./clients.ts";
import { addressesOf } from "./setup.ts";
import type { StopControl } from "./stop-control.ts";

/** Whether Discord knows the webhook, and whether it took the last messages. Nothing is posted. */
export async function checkWebhook(config: Config, store: OpenedStore | undefined, { signals }: StopControl) {
  const { webhookUrl: url, command } = config;
  if (url === undefined) return ok("webhook", "none is configured: deletions are not announced");
  const outcome = await createWebhook({ url, signals }).inspect();
  if (outcome.kind !== "success") {
    const later = "try again later; notifications wait until it works";
    return failed("webhook", outcome.message, outcome.kind === "unavailable" ? later : outcome.remedy);
  }
  const blocked = store?.outbox.blocked_webhook;
  if (blocked?.fingerprint === fingerprint(url)) {
    const message = `Discord knows it, but refused the last message: ${blocked.message}`;
    return failed("webhook", message, `${blocked.remedy}; then run ${command} test-webhook`);
  }
  const name = outcome.name ? ` as "${outcome.name}"` : "";
  // Asked for itself, a webhook ignores thread_id.
  const proof = new URL(url).searchParams.has("thread_id")
    ? `whether its thread takes messages only ${command} test-webhook shows`
    : `to see a message, run ${command} test-webhook`;
  return ok("webhook", `Discord knows it${name}; ${proof}`);
}

/** Whether a monitor hears of sweeps, and knows the check that they report to. Its status stays as it is. */
export async function checkMonitor({ healthcheckUrl: url }: Config, stop: StopControl): Promise<Finding> {
  if (url === undefined) {
    const remedy =
      "set healthcheck_url to the URL of a check at https://healthchecks.io or of an Uptime Kuma";
    return warning("monitor", "none is configured: if sweeps stop, nobody is told", remedy);
  }
  const { host } = new URL(url);
  const outcome = await inspectMonitor(url, stop.signals.abort);
  switch (outcome.kind) {
    case "known":
      return ok("monitor", `${host} knows the check`);
    case "responds":
      return ok("monitor", `${host} responds; whether it counts sweeps shows after the next one`);
    case "busy":
      return warning("monitor", `${host}: ${outcome.message}`);
    case "failed":
      return failed("monitor", `${host}: ${outcome.message}`, "check healthcheck_url, and the monitor");
  }
}

/** Which hosts are reached through which proxy; and whether the service would go another way. */
export async function checkProxy(config: Config, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const routes = findRoutes(config, env);
  const findings = routes.some(({ proxy }) => proxy) ? [ok("proxy", describeRoutes(routes))] : [];
  const unit = await showUnit("magnets.service", ["Environment"], env);
  if (unit?.Environment === undefined) return findings;
  const service = findRoutes(config, parseEnvironment(unit.Environment));
  // With another configuration than the service's, the service may well not be what sweeps.
  if (config.file !== SYSTEM_CONFIG && !service.some(({ proxy }) => proxy)) return findings;
  if (service.every(({ proxy }, i) => proxy?.url.href === routes[i]?.proxy?.url.href)) return findings;
  const edit = `run ${sudo()}systemctl edit magnets.service, and paste, with the right address:`;
  const remedy = `make them agree: ${edit}\n[Service]\nEnvironment=HTTPS_PROXY=http://HOST:PORT`;
  const message = `magnets.service goes another way than this command: ${describeRoutes(service)}`;
  return [...findings, warning("proxy", message, remedy)];
}

function findRoutes(config: Config, env: NodeJS.ProcessEnv) {
  return addressesOf(config).flatMap((text) => {
    const url = new URL(text);
    try {
      return { host: url.hostname, proxy: findProxy(url, env) };
    } catch (error) {
      // What can't be used is a finding about the configuration.
      if (!(error instanceof ProxyError)) throw error;
      return [];
    }
  });
}

/** `api.alldebrid.com and discord.com through http://proxy:3128 (HTTPS_PROXY), kuma.local directly`. */
function describeRoutes(routes: ReturnType<typeof findRoutes>): string {
  const hosts = new Map<string, string[]>();
  for (const { host, proxy } of routes) {
    const way = proxy ? `through ${showProxy(proxy)}` : "directly";
    hosts.set(way, [...(hosts.get(way) ?? []), host]);
  }
  return [...hosts].map(([way, names]) => `${[...new Set(names)].join(" and ")} ${way}`).join(", ");
}

/** Reads systemd's `Environment=`: `NAME=value` separated by blanks, in quotes where it holds one. */
function parseEnvironment(text: string): Record<string, string> {
  const words = text.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const plain = words.map((word) => word.replace(/^"(.*)"$/, "$1").replace(/\\(.)/g, "$1"));
  const pairs = plain.map((word) => word.split(/=(.*)/s));
  return Object.fromEntries(pairs.map(([name = "", value = ""]) => [name, value]));
}

/** Whether each Sonarr and Radarr can be told of deletions, and searches again then. Changes nothing there. */
export async function checkArrs({ arrs }: Config, stop: StopControl): Promise<Finding[]> {
  return Promise.all(createArrClients(arrs, stop).map(checkArr));
}

async function checkArr(client: ArrClient): Promise<Finding> {
  try {
    const { kind, version, searches, searchesInteractive } = await client.status();
    const who = `${client.name}: ${kind === "sonarr" ? "Sonarr" : "Radarr"} ${version} accepts the key`;
    if (searches && searchesInteractive) return ok("arr", `${who}; after a failure it searches again`);
    const [what, setting] = searches
      ? ["for what was picked in the interactive search", "Redownload Failed from Interactive Search"]
      : ["there", "Redownload Failed"];
    const message = `${who}, but automatic search is off ${what}: it will not look for another release`;
    const place = "its Settings, Download Clients, Failed Download Handling";
    return warning("arr", message, `turn on "${setting}" (${place})`);
  } catch (error) {
    if (!(error instanceof ArrError)) throw error;
    const key = error.code === "ARR_KEY" ? "put the key into arrs; " : "";
    const waits = "what the server is to be told waits until this works, for a week at most";
    return failed("arr", error.message, key + waits);
  }
}
