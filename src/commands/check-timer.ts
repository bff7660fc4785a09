import type { Config } from "../config/config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { overdueAfterSeconds } from "../core/settings.ts";
import { cronSeconds, findCronEntry } from "../system/crontab.ts";
import { calendarSeconds, parseSystemdTime, showUnit, type UnitProperties } from "../system/systemd.ts";
import { duration, relativeTime } from "../terminal/relative-time.ts";

const MINUTE = 60;
const HOUR = 3600;
const DAY = 24 * HOUR;

/** How to make timer and `cycle_seconds` agree: what to paste, or the other value to configure. */
export function timerDropIn(cycleSeconds: number, timerSeconds: number): string {
  const other = `"cycle_seconds": ${timerSeconds} in the configuration`;
  const expression = calendarFor(cycleSeconds);
  if (expression === undefined) return other;
  return [
    `${other}; or sudo systemctl edit magnets.timer, and paste:`,
    "[Timer]",
    "OnCalendar=",
    `OnCalendar=${expression}`,
  ].join("\n");
}

/** An OnCalendar= expression that fires so often; nothing where none does so evenly. */
export function calendarFor(seconds: number): string | undefined {
  const step = (part: number) => (part === 1 ? "*" : `0/${part}`);
  if (seconds % MINUTE !== 0) return undefined;
  if (seconds < HOUR && HOUR % seconds === 0) return `*:${step(seconds / MINUTE)}`;
  if (seconds === DAY) return "daily";
  return seconds % HOUR === 0 && DAY % seconds === 0 ? `${step(seconds / HOUR)}:00` : undefined;
}

const ORIGINAL = "manage-magnets.service";

/** Whether something starts sweeps, as often as expected, and nothing else does the same work. */
export async function checkTimer(config: Config, env: NodeJS.ProcessEnv, now: Date): Promise<Finding[]> {
  const [timer, service, original] = await Promise.all([
    showUnit("magnets.timer", ["ActiveState", "NextElapseUSecRealtime", "TimersCalendar"], env),
    showUnit("magnets.service", ["Result", "ExecMainStatus"], env),
    showUnit(ORIGINAL, ["ActiveState"], env),
  ]);
  if (!timer) return [await withoutTimer(config, env, undefined)];
  const schedule =
    timer.ActiveState === "active"
      ? await checkSchedule(timer, config.cycleSeconds, env, now)
      : await withoutTimer(config, env, timer);
  return [schedule, ...lastRun(service ?? {}), ...besides(original ?? {})];
}

/** `timer` is absent without systemd, and empty when there is no such unit. */
async function withoutTimer(
  { cycleSeconds }: Config,
  env: NodeJS.ProcessEnv,
  timer: UnitProperties | undefined,
): Promise<Finding> {
  const entry = await findCronEntry(env);
  if (entry !== undefined) {
    const seconds = cronSeconds(entry);
    const often = seconds === undefined ? "" : `, every ${duration(seconds * 1000)}`;
    const remedy = `in the crontab, or in the configuration: "cycle_seconds": ${seconds}`;
    return seconds !== undefined && !fits(seconds, cycleSeconds)
      ? misfit(`cron starts sweeps${often}`, seconds, cycleSeconds, remedy)
      : ok("timer", `cron starts sweeps${often}`);
  }
  if (!timer) {
    const remedy =
      "if nothing else does yet: magnets run-once in a crontab (there is a sample in deploy/cron)";
    return warning("timer", "no systemd and no crontab here: something else has to start sweeps", remedy);
  }
  return timer.LoadState === undefined
    ? failed(
        "timer",
        "magnets.timer is not installed: nothing starts sweeps",
        "install it with deploy/install.sh, or use cron",
      )
    : failed(
        "timer",
        "magnets.timer is not active: nothing starts sweeps",
        "sudo systemctl enable --now magnets.timer",
      );
}

async function checkSchedule(
  timer: UnitProperties,
  cycleSeconds: number,
  env: NodeJS.ProcessEnv,
  now: Date,
): Promise<Finding> {
  const next = parseSystemdTime(timer.NextElapseUSecRealtime ?? "");
  // `{ OnCalendar=*-*-* *:00/30:00 ; next_elapse=… }`
  const expression = /OnCalendar=(.*?) ;/.exec(timer.TimersCalendar ?? "")?.[1];
  const seconds = expression === undefined ? undefined : await calendarSeconds(expression, env);
  const when = next ? `fires next ${relativeTime(next.getTime(), now.getTime())}` : "is active";
  const often = seconds === undefined ? "" : `, every ${duration(seconds * 1000)}`;
  const what = `magnets.timer ${when}${often}`;
  return seconds === undefined || fits(seconds, cycleSeconds)
    ? ok("timer", what)
    : misfit(what, seconds, cycleSeconds, timerDropIn(cycleSeconds, seconds));
}

function fits(seconds: number, cycleSeconds: number): boolean {
  return Math.abs(seconds - cycleSeconds) <= cycleSeconds / 10;
}

/** Sweeps rarer than this make `status` call each one overdue. */
function misfit(what: string, seconds: number, cycleSeconds: number, remedy: string): Finding {
  const message = `${what}, but cycle_seconds is ${cycleSeconds}`;
  const alwaysLate = seconds > overdueAfterSeconds(cycleSeconds);
  return (alwaysLate ? failed : warning)("timer", message, remedy);
}

function lastRun({ Result: result, ExecMainStatus: status }: UnitProperties): Finding[] {
  if (result === undefined || result === "success") return [];
  const what = result === "exit-code" ? `exit code ${status}` : result;
  return [
    warning("service", `the last run of magnets.service ended with ${what}`, "journalctl -u magnets.service"),
  ];
}

function besides({ ActiveState: state }: UnitProperties): Finding[] {
  if (state !== "active" && state !== "activating") return [];
  const message = `${ORIGINAL}, the program that came before this one, is at work, too: both count and delete`;
  return [failed("original", message, `sudo systemctl disable --now ${ORIGINAL}`)];
}
