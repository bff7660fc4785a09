import { type Config, ConfigError } from "../config/config.ts";
import { PREMIUM_NOTICE_MS, RENEW_PREMIUM } from "../core/note-health.ts";
import { type AccountClient, AccountError } from "../core/ports.ts";
import { type CheckReport, type Finding, failed, ok, warning } from "../core/report.ts";
import { cleanText } from "../core/text.ts";
import { ExitCode } from "../errors.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { relativeTime } from "../terminal/relative-time.ts";
import { checkState } from "./check-state.ts";
import { checkTimer } from "./check-timer.ts";
import type { Invocation } from "./invocation.ts";
import { createClients, readConfig } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

/** Whether each key answers, and until when its account is premium. */
export function checkAccounts(clients: readonly AccountClient[], now: Date): Promise<Finding[]> {
  return Promise.all(clients.map((client) => checkAccount(client, now.getTime())));
}

async function checkAccount(client: AccountClient, now: number): Promise<Finding> {
  try {
    const { username, isPremium, isTrial, premiumUntil } = await client.user();
    const who = `${client.name}: the key works (user ${cleanText(username, 60)})`;
    if (isTrial) return ok("key", `${who}, on trial`);
    if (!isPremium) return failed("key", `${who}, but premium has ended`, RENEW_PREMIUM);
    if (!premiumUntil) return ok("key", `${who}, premium`);
    const until = `${premiumUntil.toISOString().slice(0, 10)} (${relativeTime(premiumUntil.getTime(), now)})`;
    const endsSoon = premiumUntil.getTime() - now < PREMIUM_NOTICE_MS;
    return endsSoon
      ? warning("key", `${who}, but premium ends ${until}`, RENEW_PREMIUM)
      : ok("key", `${who}, premium until ${until}`);
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    return failed("key", `${client.name}: ${error.message}`);
  }
}

/** More than this makes times in state and in logs misleading. */
const TOLERATED_MS = 2 * 60_000;

/**
 * Whether this machine's clock agrees with AllDebrid's.
 *
 * @param aheadMs how far this machine was ahead, at each answer.
 */
export function checkClock(aheadMs: readonly number[]): Finding[] {
  const [least] = [...aheadMs].sort((a, b) => Math.abs(a) - Math.abs(b));
  if (least === undefined) return [];
  if (Math.abs(least) <= TOLERATED_MS) return [ok("clock", "agrees with AllDebrid's")];
  const amount = `${Math.round(Math.abs(least) / 60_000)} min`;
  const remedy = "set it by the network: sudo timedatectl set-ntp true";
  return [failed("clock", `is ${amount} ${least > 0 ? "ahead of" : "behind"} AllDebrid's`, remedy)];
}

/** Whether Discord knows the webhook. Nothing is posted. */
export async function checkWebhook({ webhookUrl }: Config, stop: StopControl): Promise<Finding> {
  if (webhookUrl === undefined) return ok("webhook", "none is configured: deletions are not announced");
  const { createWebhook } = await import("../discord/webhook.ts");
  const signals = { stopping: stop.stopping.signal, abort: stop.abort };
  const outcome = await createWebhook({ url: webhookUrl, signals }).inspect();
  switch (outcome.kind) {
    case "found": {
      const name = outcome.name ? ` as "${outcome.name}"` : "";
      return ok("webhook", `Discord knows it${name}; to see a message: magnets test-webhook`);
    }
    case "dead": {
      const remedy =
        "make a new one (Discord: Server Settings, Integrations, Webhooks) and put its address into discord_webhook_url";
      return failed("webhook", outcome.message, remedy);
    }
    case "unavailable":
      return failed("webhook", outcome.message, "try again later: what can't be sent now waits");
  }
}

/** The options of `magnets check`. */
export interface CheckOptions {
  readonly json?: boolean;
}

const LONGEST_CHECK_MS = 2 * 60_000;

/** `magnets check`: looks at everything that sweeps depend on, changes nothing, and says what to do. */
export async function check(invocation: Invocation, options: CheckOptions): Promise<ExitCode> {
  const { findings, config } = await checkConfig(invocation);
  const done = config && (await becomeOwner(config.stateDir, config.file));
  if (done !== undefined) return done;
  const log = invocation.log(config?.logLevel ?? "ERROR");
  const stop = createStopControl(LONGEST_CHECK_MS, (message) => log.warning(message));
  try {
    if (config) {
      const now = new Date();
      const aheadMs: number[] = [];
      const clients = createClients(config, stop, log, {
        onDate: (date) => aheadMs.push(Date.now() - date.getTime()),
      });
      const found = await Promise.all([
        checkAccounts(clients, now),
        checkWebhook(config, stop),
        checkState(config, invocation.env),
        checkTimer(config, invocation.env, now),
      ]);
      findings.push(...found.flat(), ...checkClock(aheadMs));
    }
    const cause = stop.cause();
    const broken = findings.some(({ result }) => result === "failed");
    const exitCode = cause?.exitCode ?? (broken ? ExitCode.failed : ExitCode.ok);
    const report: CheckReport = { version: 1, exit_code: exitCode, checks: findings };
    invocation.print(await render(report, invocation, options));
    return exitCode;
  } finally {
    stop.dispose();
  }
}

/** A configuration with bad keys is good for looking at the rest. */
async function checkConfig(invocation: Invocation): Promise<{ findings: Finding[]; config?: Config }> {
  const node = ok("node", `Node.js ${process.versions.node}`);
  try {
    const { config, warnings } = await readConfig(invocation, { keysRequired: true });
    const from = config.file ?? "the environment alone, without a file";
    const findings = [node, ok("config", from), ...warnings.map((text) => warning("config", text))];
    return { findings, config };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = [node, ...error.problems.map((problem) => failed("config", problem))];
    const last = findings.at(-1);
    if (last && error.advice !== undefined) last.remedy = error.advice;
    return { findings, ...(await configWithoutKeys(invocation)) };
  }
}

async function configWithoutKeys(invocation: Invocation): Promise<{ config?: Config }> {
  try {
    return { config: (await readConfig(invocation, { keysRequired: false })).config };
  } catch (error) {
    if (error instanceof ConfigError) return {};
    throw error;
  }
}

async function render(
  report: CheckReport,
  invocation: Invocation,
  { json }: CheckOptions,
): Promise<string[]> {
  if (json) return [(await import("../terminal/render-run.ts")).printJson(report)];
  return (await import("../terminal/render-check.ts")).renderCheck(report, invocation);
}
