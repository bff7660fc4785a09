import type { Config } from "../config/load-config.ts";
import { ConfigError } from "../config/problems.ts";
import { FAILING } from "../core/magnet.ts";
import { PREMIUM_NOTICE_MS, RENEW_PREMIUM } from "../core/note-health.ts";
import { type AccountClient, AccountError, type AccountUser } from "../core/ports.ts";
import { describeUnmatched, trackedMagnets, unmatchedEntries } from "../core/protection.ts";
import { type CheckReport, type Finding, failed, ok, warning } from "../core/report.ts";
import { cleanText } from "../core/text.ts";
import { ExitCode, StateError } from "../errors.ts";
import { sudo } from "../permissions.ts";
import type { OpenedStore } from "../state/store.ts";
import { relativeTime } from "../terminal/relative-time.ts";
import { renderCheck } from "../terminal/render-check.ts";
import { toJson } from "../terminal/screen.ts";
import { checkArrs, checkMonitor, checkProxy, checkWebhook } from "./check-network.ts";
import { checkConfigFiles, checkState } from "./check-state.ts";
import { checkTimer } from "./check-timer.ts";
import { createClients } from "./clients.ts";
import type { Invocation } from "./invocation.ts";
import { openState, type Ready, setUp } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

const LONGEST_CHECK_MS = 2 * 60_000;

/** `magnets check`: looks at everything that sweeps depend on, changes nothing, and says what to do. */
export async function check(invocation: Invocation, { json }: { json?: boolean }): Promise<ExitCode> {
  const findings = [ok("node", `Node.js ${process.versions.node}`)];
  const { setup, isWhole } = await checkConfig(invocation, findings);
  if (typeof setup === "number") return setup;
  using stop = createStopControl(LONGEST_CHECK_MS, setup?.log ?? invocation.log("ERROR"));
  if (setup) findings.push(...(await checkAll(setup, invocation.env, stop, isWhole)));
  const broken = findings.some(({ result }) => result === "failed");
  const exitCode = stop.exitCode() ?? (broken ? ExitCode.failed : ExitCode.ok);
  const report: CheckReport = { version: 1, exit_code: exitCode, checks: findings };
  invocation.print(json ? [toJson(report)] : renderCheck(report, invocation));
  return exitCode;
}

/** Adds what is to be said of the configuration. One with broken keys is not whole, and still serves to check the rest. */
async function checkConfig(invocation: Invocation, findings: Finding[]) {
  for (const isWhole of [true, false]) {
    const warnings: Finding[] = [];
    const onWarning = (message: string) => void warnings.push(warning("config", message));
    try {
      const setup = await setUp(invocation, { keysRequired: isWhole, onWarning });
      if (typeof setup === "number") return { setup, isWhole };
      const closed = await checkConfigFiles(setup.config, invocation.env);
      if (isWhole) {
        const isClosed = closed.some(({ name }) => name === "config");
        const found = ok("config", setup.config.file ?? "environment variables only, no file");
        findings.push(...(isClosed ? [] : [found]), ...closed, ...warnings);
      } else {
        const isTold = (advice: string) => findings.some(({ message }) => message.includes(advice));
        findings.push(...closed.filter(({ remedy }) => remedy === null || !isTold(remedy)));
      }
      return { setup, isWhole };
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const { problems, advice = null } = error;
      const told = problems.map((problem, i) => failed("config", problem, problems[i + 1] ? null : advice));
      if (isWhole) findings.push(...told);
    }
  }
  return { isWhole: false };
}

async function checkAll({ config, log }: Ready, env: NodeJS.ProcessEnv, stop: StopControl, isWhole: boolean) {
  const aheadMs: number[] = [];
  const onDate = (date: Date) => void aheadMs.push(Date.now() - date.getTime());
  const warnings: Finding[] = [];
  const warn = (message: string | readonly string[]) => void warnings.push(warning("api", `${message}`));
  const clients = createClients(config, stop, { debug: log.debug, warning: warn }, { onDate });
  const state = await openState(config, "read").catch((error: unknown) => {
    if (error instanceof StateError) return error;
    throw error;
  });
  // What can't be read is `checkState`'s to tell, and says no such thing as that no sweep ever finished.
  const store = state instanceof StateError ? undefined : state;
  const hasSwept = store === undefined || store.sweeps.length > 0;
  const found = await Promise.all([
    checkAccounts(clients),
    checkProtect(config, store, clients),
    checkArrs(config, stop),
    checkProxy(config, env),
    // What could not be read is not judged.
    isWhole || config.webhookUrl ? checkWebhook(config, store, stop) : [],
    isWhole || config.healthcheckUrl ? checkMonitor(config, stop) : [],
    checkState(config, state, env),
    checkTimer(config, hasSwept, env),
  ]);
  return [...found.flat(), ...warnings, ...checkClock(aheadMs)];
}

async function checkAccounts(clients: readonly AccountClient[]): Promise<Finding[]> {
  const names = new Map<string, string[]>();
  const check = async (client: AccountClient) => {
    try {
      const user = await client.user();
      names.set(user.username, [...(names.get(user.username) ?? []), client.name]);
      return describeAccount(client.name, user);
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      return failed("key", `${client.name}: ${error.message}`);
    }
  };
  const findings = await Promise.all(clients.map(check));
  const doubles = [...names.values()].filter(({ length }) => length > 1);
  const remedy = "keep one of them in api_keys; the others only serve when it fails";
  const said = (same: string[]) => `${same.join(", ")}: keys of one AllDebrid account, which is swept once`;
  return [...findings, ...doubles.map((same) => warning("key", said(same), remedy))];
}

/** The key works; until when its account is premium. */
function describeAccount(name: string, user: AccountUser): Finding {
  const { username, isPremium, isTrial, premiumUntil: end } = user;
  const now = Date.now();
  const who = `${name}: the key works (user ${cleanText(username, 60)})`;
  if (isTrial) return ok("key", `${who}, on trial`);
  if (!isPremium) return failed("key", `${who}, but premium has ended`, RENEW_PREMIUM);
  if (!end) return ok("key", `${who}, premium`);
  const until = `${end.toISOString().slice(0, 10)} (${relativeTime(end.getTime(), now)})`;
  if (end.getTime() - now >= PREMIUM_NOTICE_MS) return ok("key", `${who}, premium until ${until}`);
  return warning("key", `${who}, but premium ends ${until}`, RENEW_PREMIUM);
}

/** Names the entries of `protect` that match nothing: one that is misspelt protects nothing. */
async function checkProtect({ protect }: Config, store: OpenedStore | undefined, clients: AccountClient[]) {
  let unmatched = store ? unmatchedEntries(protect, trackedMagnets(store.counters)) : protect;
  let where = "";
  const lists = unmatched.length === 0 ? [] : FAILING.flatMap((list) => clients.map((it) => it.list(list)));
  for (const response of await Promise.allSettled(lists)) {
    if (response.status === "fulfilled") unmatched = unmatchedEntries(unmatched, response.value);
    else if (response.reason instanceof AccountError) where = " where a list answered";
    else throw response.reason;
  }
  if (protect.length > 0 && unmatched.length === 0) return [ok("protect", "every entry matches a magnet")];
  return unmatched.map((entry) => warning("protect", `${describeUnmatched(entry)}${where}`));
}

/** More than this makes times in state and in logs misleading. */
const TOLERATED_MS = 2 * 60_000;

/** Whether this machine's clock agrees with AllDebrid's; `aheadMs`: how far it was ahead at each response. */
function checkClock(aheadMs: readonly number[]): Finding[] {
  const [least] = [...aheadMs].sort((a, b) => Math.abs(a) - Math.abs(b));
  if (least === undefined) return [];
  if (Math.abs(least) <= TOLERATED_MS) return [ok("clock", "agrees with AllDebrid's")];
  const amount = `${Math.round(Math.abs(least) / 60_000)} min`;
  const remedy = `set it by the network: ${sudo()}timedatectl set-ntp true`;
  return [failed("clock", `is ${amount} ${least > 0 ? "ahead of" : "behind"} AllDebrid's`, remedy)];
}
