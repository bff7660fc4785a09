import type { Config } from "../config/load-config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { cleanText } from "../core/text.ts";
import { overdueAfterSeconds } from "../core/time.ts";
import { sudo } from "../permissions.ts";
import { findStarter, type Starter } from "../system/starter.ts";
import {
  calendarInterval,
  type Interval,
  runProgram,
  showUnit,
  type UnitProperties,
} from "../system/systemd.ts";
import { duration, relativeTime } from "../terminal/relative-time.ts";

const ORIGINAL = "manage-magnets.service";

/** Whether something starts sweeps as often as expected, and nothing else does the same work. */
export async function checkTimer({ cycleSeconds }: Config, hasSwept: boolean, env: NodeJS.ProcessEnv) {
  const [starter, service, original] = await Promise.all([
    findStarter(env, new Date()),
    showUnit("magnets.service", ["Result", "ExecMainStatus", "User"], env),
    showUnit(ORIGINAL, ["ActiveState"], env),
  ]);
  const findings = starter.isActive
    ? [await checkSchedule(starter, cycleSeconds, env)]
    : [checkOthers(starter, cycleSeconds, hasSwept, env.MAGNETS_STARTED_BY?.trim())];
  if ((service?.Result ?? "success") !== "success") findings.push(await explainEnd(service ?? {}, env));
  if (original?.ActiveState === "active" || original?.ActiveState === "activating") {
    const message = `${ORIGINAL}, the original program, is running too: both count and delete magnets`;
    findings.push(failed("original", message, `${sudo()}systemctl disable --now ${ORIGINAL}`));
  }
  return findings;
}

/** What of the sandbox needs a namespace for mounts, which some containers don't give: the unit does without it. */
export const WITHOUT_MOUNTS = [
  "PrivateUsers=no",
  "PrivateTmp=no",
  "PrivateDevices=no",
  "ProtectSystem=no",
  "ProtectHome=no",
  "ProtectHostname=no",
  "ProtectKernelTunables=no",
  "ProtectKernelModules=no",
  "ProtectKernelLogs=no",
  "ProtectControlGroups=no",
  "ProtectProc=default",
  "ProcSubset=all",
];

/** How the service's last run ended, if not well. systemd's own codes are those of systemd.exec(5). */
async function explainEnd(service: UnitProperties, env: NodeJS.ProcessEnv): Promise<Finding> {
  const { Result: result, ExecMainStatus: status, User: user } = service;
  const code = result === "exit-code" ? status : undefined;
  const message = `the last run of magnets.service ended with ${code ? `exit code ${code}` : result}`;
  const edit = (lines: readonly string[]) =>
    [`run ${sudo()}systemctl edit magnets.service, and paste:`, "[Service]", ...lines].join("\n");
  if (code === "203") {
    const remedy = `${sudo()}apt install nodejs, and run deploy/install.sh again if that installed magnets`;
    return failed("service", `${message} (EXEC): there is no Node.js where the unit looks for it`, remedy);
  }
  // It knows the users of a directory service, too.
  if (code === "217" && user && (await runProgram("id", ["-u", user], env)).code === 1) {
    const add = `${sudo()}useradd --system --user-group --no-create-home --home-dir /nonexistent ${user}`;
    return failed("service", `${message} (USER): there is no user ${user}`, add);
  }
  if (code === "217") {
    const why = "this system, perhaps a container, gives the sandbox no users of its own";
    return failed("service", `${message} (USER): ${why}`, edit(["PrivateUsers=no"]));
  }
  if (code === "226") {
    const why = "this system, perhaps a container, does not allow the sandbox's file systems";
    const added = "or a path that you added is missing";
    return failed("service", `${message} (NAMESPACE): ${why}, ${added}`, edit(WITHOUT_MOUNTS));
  }
  return warning("service", message, `${sudo()}journalctl -u magnets.service`);
}

async function checkSchedule({ timer, next }: Starter, cycleSeconds: number, env: NodeJS.ProcessEnv) {
  // `{ OnCalendar=*-*-* *:00/30:00 ; next_elapse=… }`
  const expression = /OnCalendar=(.*?) ;/.exec(timer?.TimersCalendar ?? "")?.[1];
  const interval = expression === undefined ? undefined : await calendarInterval(expression, env);
  const when = next ? `fires next ${relativeTime(next.getTime(), Date.now())}` : "is active";
  const remedy = (timerSeconds: number) => timerRemedy(cycleSeconds, timerSeconds);
  return compare(`magnets.timer ${when}`, cycleSeconds, remedy, interval);
}

/** What starts sweeps where the timer is not active; `startedBy` says it where neither systemd nor cron does. */
function checkOthers({ timer, cron }: Starter, cycleSeconds: number, hasSwept: boolean, startedBy = "") {
  const enable = `${sudo()}systemctl enable --now magnets.timer`;
  if (cron?.onlyAtBoot) {
    const remedy = "give the crontab's entry a time, such as */30 * * * * in place of @reboot";
    return failed("timer", "cron starts a sweep when the machine boots, and none after that", remedy);
  }
  if (cron !== undefined) {
    const remedy = (seconds: number) =>
      `change the crontab, or set "cycle_seconds": ${seconds} in the configuration`;
    return compare("cron starts sweeps", cycleSeconds, remedy, cron.interval);
  }
  if (!timer && startedBy) return ok("timer", `sweeps are started by ${cleanText(startedBy, 60)}`);
  if (!timer) {
    const message = "neither systemd nor a crontab was found: something else has to start sweeps";
    const remedy = "if nothing does yet, put magnets run-once in a crontab (deploy/cron has an example)";
    return warning("timer", message, remedy);
  }
  if (timer.LoadState === undefined) {
    const remedy = "install it with deploy/install.sh, or use cron";
    return failed("timer", "magnets.timer is not installed: nothing starts sweeps", remedy);
  }
  const wasEnabled = timer.UnitFileState?.startsWith("enabled") === true;
  return hasSwept || wasEnabled
    ? failed("timer", "magnets.timer is not active: nothing starts sweeps", enable)
    : warning("timer", "magnets.timer is not enabled yet: nothing starts sweeps until it is", enable);
}

/** Holds what starts sweeps, where it is known how often, against `cycle_seconds`. */
function compare(
  what: string,
  cycleSeconds: number,
  remedy: (seconds: number) => string,
  interval?: Interval,
) {
  if (interval === undefined) return ok("timer", what);
  const { shortest, longest } = interval;
  const [from, to] = [duration(shortest * 1000), duration(longest * 1000)];
  const often = shortest === longest ? `${what}, every ${to}` : `${what}, ${from} to ${to} apart`;
  if (Math.abs(longest - cycleSeconds) <= cycleSeconds / 10) return ok("timer", often);
  // Sweeps rarer than this make `status` call each one overdue.
  const finding = shortest > overdueAfterSeconds(cycleSeconds) ? failed : warning;
  return finding("timer", `${often}, but cycle_seconds is ${cycleSeconds}`, remedy(longest));
}

/** How to make timer and `cycle_seconds` agree: the other value to configure, or what to paste. */
function timerRemedy(cycleSeconds: number, timerSeconds: number): string {
  const configure = `set "cycle_seconds": ${timerSeconds} in the configuration`;
  const expression = calendarFor(cycleSeconds);
  if (expression === undefined) return configure;
  const edit = `run ${sudo()}systemctl edit magnets.timer, and paste:`;
  return `${configure}; or ${edit}\n[Timer]\nOnCalendar=\nOnCalendar=${expression}`;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** An OnCalendar= expression that fires so often; undefined where none does so evenly. */
export function calendarFor(seconds: number): string | undefined {
  const step = (part: number) => (part === 1 ? "*" : `0/${part}`);
  if (seconds % MINUTE !== 0) return undefined;
  if (seconds < HOUR && HOUR % seconds === 0) return `*:${step(seconds / MINUTE)}`;
  if (seconds === DAY) return "daily";
  return seconds % HOUR === 0 && DAY % seconds === 0 ? `${step(seconds / HOUR)}:00` : undefined;
}
