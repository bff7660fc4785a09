import type { Config } from "../config/config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { overdueAfterSeconds } from "../core/settings.ts";
import { cronSeconds, findCronEntry } from "../system/crontab.ts";
import { calendarSeconds, parseSystemdTime, showUnit, type UnitProperties } from "../system/systemd.ts";
import { duration, relativeTime } from "../terminal/relative-time.ts";

const ORIGINAL = "manage-magnets.service";

/** Whether something starts sweeps as often as expected, and nothing else does the same work. */
export async function checkTimer(
  { cycleSeconds }: Config,
  env: NodeJS.ProcessEnv,
  now: Date,
): Promise<Finding[]> {
  const [timer, service, original] = await Promise.all([
    showUnit("magnets.timer", ["ActiveState", "NextElapseUSecRealtime", "TimersCalendar"], env),
    showUnit("magnets.service", ["Result", "ExecMainStatus"], env),
    showUnit(ORIGINAL, ["ActiveState"], env),
  ]);
  const isActive = timer?.ActiveState === "active";
  const findings = [
    await (isActive ? checkSchedule(timer, cycleSeconds, env, now) : checkCrontab(timer, cycleSeconds, env)),
  ];
  const { Result: result = "success", ExecMainStatus: status } = service ?? {};
  if (result !== "success") {
    const end = result === "exit-code" ? `exit code ${status}` : result;
    const message = `the last run of magnets.service ended with ${end}`;
    findings.push(warning("service", message, "journalctl -u magnets.service"));
  }
  if (original?.ActiveState === "active" || original?.ActiveState === "activating") {
    const message = `${ORIGINAL}, the original program, is running too: both count and delete magnets`;
    findings.push(failed("original", message, `sudo systemctl disable --now ${ORIGINAL}`));
  }
  return findings;
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
  const remedy = (timerSeconds: number) => timerRemedy(cycleSeconds, timerSeconds);
  return compare(`magnets.timer ${when}`, seconds, cycleSeconds, remedy);
}

/** What starts sweeps where the timer is not active; `timer` is undefined without systemd, and empty without the unit. */
async function checkCrontab(
  timer: UnitProperties | undefined,
  cycleSeconds: number,
  env: NodeJS.ProcessEnv,
): Promise<Finding> {
  const entry = await findCronEntry(env);
  if (entry !== undefined) {
    const remedy = (seconds: number) =>
      `change the crontab, or set "cycle_seconds": ${seconds} in the configuration`;
    return compare("cron starts sweeps", cronSeconds(entry), cycleSeconds, remedy);
  }
  if (!timer) {
    const message = "neither systemd nor a crontab was found: something else has to start sweeps";
    const remedy = "if nothing does yet, put magnets run-once in a crontab (deploy/cron has an example)";
    return warning("timer", message, remedy);
  }
  const [what, remedy] =
    timer.LoadState === undefined
      ? ["installed", "install it with deploy/install.sh, or use cron"]
      : ["active", "sudo systemctl enable --now magnets.timer"];
  return failed("timer", `magnets.timer is not ${what}: nothing starts sweeps`, remedy);
}

/** Holds what starts sweeps every so many `seconds`, where that is known, against `cycle_seconds`. */
function compare(
  what: string,
  seconds: number | undefined,
  cycleSeconds: number,
  remedy: (seconds: number) => string,
): Finding {
  if (seconds === undefined) return ok("timer", what);
  const often = `${what}, every ${duration(seconds * 1000)}`;
  if (Math.abs(seconds - cycleSeconds) <= cycleSeconds / 10) return ok("timer", often);
  // Sweeps rarer than this make `status` call each one overdue.
  const finding = seconds > overdueAfterSeconds(cycleSeconds) ? failed : warning;
  return finding("timer", `${often}, but cycle_seconds is ${cycleSeconds}`, remedy(seconds));
}

/** How to make timer and `cycle_seconds` agree: the other value to configure, or what to paste. */
function timerRemedy(cycleSeconds: number, timerSeconds: number): string {
  const configure = `set "cycle_seconds": ${timerSeconds} in the configuration`;
  const expression = calendarFor(cycleSeconds);
  if (expression === undefined) return configure;
  return [
    `${configure}; or run sudo systemctl edit magnets.timer, and paste:`,
    "[Timer]",
    "OnCalendar=",
    `OnCalendar=${expression}`,
  ].join("\n");
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
