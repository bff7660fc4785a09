import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Interval, intervalOf, parseSystemdTimes, runProgram, showUnit } from "./systemd.ts";

/** What starts sweeps where something does. */
export type Starter = Awaited<ReturnType<typeof findStarter>>;

/** Asks systemd for the timer (undefined without systemd, empty without the unit), and where it is not active cron. */
export async function findStarter(env: NodeJS.ProcessEnv, now: Date) {
  const properties = ["ActiveState", "UnitFileState", "NextElapseUSecRealtime", "TimersCalendar"];
  const timer = await showUnit("magnets.timer", properties, env);
  const [next] = parseSystemdTimes(timer?.NextElapseUSecRealtime ?? "");
  const isActive = timer?.ActiveState === "active";
  return { timer, isActive, next, cron: isActive ? undefined : await findCronSweeps(env, now) };
}

/** What cron starts by itself. */
interface CronSweeps {
  /** Absent when none is started at a time of day, or no schedule can be read. */
  readonly interval?: Interval | undefined;
  /** Every sweep is one at boot. */
  readonly onlyAtBoot: boolean;
}

/** Run by root: hands root's crontab on, in the environment, to what is no longer root, since only root can read it. */
export async function keepRootsCrontab(env: NodeJS.ProcessEnv): Promise<void> {
  const lines = (await runProgram("crontab", ["-l"], env)).stdout.split("\n");
  env.ROOTS_CRONTAB = lines.filter((line) => line.includes("magnets")).join("\n");
}

/** Finds the lines of crontabs (the user's own, root's and the system's) that start sweeps; undefined when there are none. */
async function findCronSweeps(env: NodeJS.ProcessEnv, now: Date): Promise<CronSweeps | undefined> {
  const own = await runProgram("crontab", ["-l"], env);
  const names = await readdir("/etc/cron.d").catch(() => []);
  const paths = ["/etc/crontab", ...names.map((name) => join("/etc/cron.d", name))];
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")));
  const lines = [own.stdout, env.ROOTS_CRONTAB ?? "", ...texts].flatMap((text) => text.split("\n"));
  return cronSweeps(lines, now);
}

/** What these lines of crontabs start: all of them together. */
export function cronSweeps(lines: readonly string[], now: Date): CronSweeps | undefined {
  const schedules = lines.flatMap((line) => {
    const entry = ENTRY.exec(line)?.groups;
    return entry !== undefined && startsSweep(entry.command ?? "") ? (entry.schedule ?? "") : [];
  });
  if (schedules.length === 0) return undefined;
  const atTimes = schedules.filter((schedule) => schedule.toLowerCase() !== "@reboot");
  if (atTimes.length === 0) return { onlyAtBoot: true };
  const readable = atTimes.flatMap((schedule) => parseSchedule(schedule) ?? []);
  if (readable.length < atTimes.length) return { onlyAtBoot: false };
  return { interval: intervalOf(timesOf(readable, now)), onlyAtBoot: false };
}

/** crontab(5): five fields or a name, and a command, before which the system's crontabs have a user. */
const ENTRY = /^\s*(?<schedule>@[a-z]+|[*\d]\S*(?:\s+[*\da-z]\S*){4})\s+(?<command>.*)$/i;

/** A command that runs magnets, up to where the shell ends it, options before and after the word `run-once` included. */
const CALL = /(?:^|[\s/"'`(=;&|])magnets(?:\.js)?["']?(?<words>(?:\s+[^\s;&|)`]+)+)/g;

const NO_SWEEP = ["--dry-run", "--help", "-h", "--version", "-V"];

function startsSweep(command: string): boolean {
  return [...command.replace(/\s#.*/, "").matchAll(CALL)].some(({ groups }) => {
    const words = (groups?.words ?? "").replace(/["']/g, "").trim().split(/\s+/);
    return words.includes("run-once") && !NO_SWEEP.some((word) => words.includes(word));
  });
}

const NICKNAMES: Readonly<Record<string, string>> = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/** When a line fires. */
interface Schedule {
  /** Of a day on which it does. */
  readonly minutes: readonly number[];
  firesOn(day: Date): boolean;
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

function parseSchedule(text: string): Schedule | undefined {
  const fields = (NICKNAMES[text.toLowerCase()] ?? text).toLowerCase().split(/\s+/);
  const [minute = "", hour = "", date = "", month = "", day = ""] = fields;
  const minutes = parseField(minute, 0, 59);
  const hours = parseField(hour, 0, 23);
  const dates = parseField(date, 1, 31);
  const months = parseField(month, 1, 12, MONTHS);
  // Sunday is 0 and 7.
  const days = parseField(day, 0, 7, DAYS);
  if (!minutes || !hours || !dates || !months || !days) return undefined;
  // Where both are restricted, either is enough.
  const eitherDay = !date.startsWith("*") && !day.startsWith("*");
  return {
    minutes: [...hours].flatMap((h) => [...minutes].map((m) => h * 60 + m)),
    firesOn: (when) => {
      const onDate = dates.has(when.getUTCDate());
      const onDay = days.has(when.getUTCDay()) || (when.getUTCDay() === 0 && days.has(7));
      return months.has(when.getUTCMonth() + 1) && (eitherDay ? onDate || onDay : onDate && onDay);
    },
  };
}

/** The numbers that a field stands for: a list of `*`, numbers, names and ranges, each perhaps with a step. */
function parseField(text: string, min: number, max: number, names: string[] = []): Set<number> | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(?:(\*)|(\w+)(?:-(\w+))?)(?:\/(\d+))?$/.exec(part);
    if (!match) return undefined;
    const [, all, from = "", to, step] = match;
    const number = (word: string) => (names.includes(word) ? names.indexOf(word) + min : Number(word));
    const first = all ? min : number(from);
    const last = all || (to === undefined && step !== undefined) ? max : number(to ?? from);
    const by = Number(step ?? 1);
    // What is not a number is in no order.
    if (!(min <= first && first <= last && last <= max && by > 0)) return undefined;
    for (let value = first; value <= last; value += by) found.add(value);
  }
  return found;
}

/** A leap year, a day that comes once in it, and the next. */
const DAYS_AHEAD = 2 * 366;
const DAY_MS = 86_400_000;

/** When sweeps start, all schedules together, in seconds since the epoch. */
function timesOf(schedules: readonly Schedule[], now: Date): number[] {
  const today = Math.floor(now.getTime() / DAY_MS);
  return Array.from({ length: DAYS_AHEAD }, (_, i) => new Date((today + i) * DAY_MS)).flatMap((day) => {
    const minutes = schedules.flatMap((each) => (each.firesOn(day) ? each.minutes : []));
    const ordered = [...new Set(minutes)].sort((a, b) => a - b);
    return ordered.map((minute) => day.getTime() / 1000 + minute * 60);
  });
}
