import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { type CheckReport, type Finding, failed, ok, warning } from "../core/finding.ts";
import { ExitCode } from "../exit-codes.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { checkAccounts, checkClock } from "./check-accounts.ts";
import { checkState } from "./check-state.ts";
import { checkTimer } from "./check-timer.ts";
import { checkWebhook } from "./check-webhook.ts";
import { createClients } from "./create-clients.ts";
import type { Invocation } from "./invocation.ts";
import { readConfig } from "./read-config.ts";
import { createStopControl } from "./stop-control.ts";

/** The options of `magnets check`. */
export interface CheckOptions {
  readonly json?: boolean;
}

const LONGEST_CHECK_MS = 2 * 60_000;

/** `magnets check`: looks at everything that sweeps depend on, changes nothing, and says what to do. */
export async function check(invocation: Invocation, options: CheckOptions): Promise<ExitCode> {
  invocation.letReadersStall();
  const { findings, config } = await checkConfig(invocation);
  if (config) await becomeOwner(config.stateDir, config.file);
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
  if (json) return [(await import("../terminal/print-json.ts")).printJson(report)];
  return (await import("../terminal/render-check.ts")).renderCheck(report, invocation);
}
