import { execFile } from "node:child_process";

/** None of these programs takes a second. */
const TIMEOUT_MS = 10_000;

/**
 * Runs one of the system's programs in plain English and UTC, without a shell. Never throws: `code` is undefined when
 * there is no such program, or it was killed for taking too long.
 */
export function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const options = { env: { ...env, LC_ALL: "C", TZ: "UTC" }, timeout: TIMEOUT_MS };
  return new Promise<{ code: number | undefined; stdout: string }>((resolve) => {
    const child = execFile(program, args, options, (error, stdout) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : undefined;
      resolve({ code, stdout });
    });
    child.stdin?.end();
  });
}

/** What systemd reports about a unit, by property; empty when there is no such unit. */
export type UnitProperties = Readonly<Record<string, string>>;

/** Reads properties of a unit; `undefined` where systemd is not running (containers, other init systems). */
export async function showUnit(
  unit: string,
  properties: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<UnitProperties | undefined> {
  const args = ["show", unit, "--no-pager", `--property=${["LoadState", ...properties].join(",")}`];
  const { code, stdout } = await runProgram("systemctl", args, env);
  if (code !== 0) return undefined;
  const lines = [...stdout.matchAll(/^(\w+)=(.*)$/gm)];
  const found: UnitProperties = Object.fromEntries(lines.map(([, name = "", value = ""]) => [name, value]));
  return (found.LoadState ?? "not-found") === "not-found" ? {} : found;
}

/** The shortest and the longest time from one sweep to the next, in seconds. */
export interface Interval {
  readonly shortest: number;
  readonly longest: number;
}

/** How far apart these times (in seconds, ascending) are; undefined for fewer than two. */
export function intervalOf(times: readonly number[]): Interval | undefined {
  const gaps = new Set(times.slice(1).map((time, i) => time - (times[i] ?? time)));
  const [shortest, ...longer] = [...gaps].sort((a, b) => a - b);
  return shortest === undefined ? undefined : { shortest, longest: longer.at(-1) ?? shortest };
}

/** How far apart an OnCalendar= expression fires, according to systemd-analyze(1), if it can say. */
export async function calendarInterval(expression: string, env: NodeJS.ProcessEnv) {
  const args = ["calendar", "--iterations=2", "--", expression];
  const { code, stdout } = await runProgram("systemd-analyze", args, env);
  // In UTC it says each time twice.
  const times = new Set(parseSystemdTimes(stdout).map((time) => time.getTime() / 1000));
  return code === 0 ? intervalOf([...times].sort((a, b) => a - b)) : undefined;
}

/** Reads the times in systemd's output, such as `Mon 2026-11-23 16:30:00 UTC`; it says `n/a` where there is none. */
export function parseSystemdTimes(text: string): Date[] {
  const found = [...text.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT)/g)];
  const dates = found.map(([, day, time]) => new Date(`${day}T${time}Z`));
  return dates.filter((date) => !Number.isNaN(date.getTime()));
}
