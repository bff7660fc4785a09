import { execFile } from "node:child_process";

/** How a program ended. */
export interface ProgramRun {
  /** Absent when there is no such program, or it was killed for taking too long. */
  readonly code: number | undefined;
  readonly stdout: string;
}

/** None of these programs takes a second. */
const TIMEOUT_MS = 10_000;

/** Runs one of the system's programs in plain English and UTC, without a shell. Never throws. */
export function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<ProgramRun> {
  return new Promise((resolve) => {
    const options = {
      env: { ...env, LC_ALL: "C", TZ: "UTC" },
      timeout: TIMEOUT_MS,
      encoding: "utf8",
    } as const;
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
  const lines = stdout.split("\n").map((line) => /^(\w+)=(.*)$/.exec(line));
  const entries = lines.flatMap((match) => (match ? [[match[1] ?? "", match[2] ?? ""] as const] : []));
  const found = Object.fromEntries(entries);
  return found.LoadState === undefined || found.LoadState === "not-found" ? {} : found;
}

/** Reads the first time in systemd's output, such as `Mon 2026-11-23 16:30:00 UTC`; `undefined` for `n/a`. */
export function parseSystemdTime(text: string): Date | undefined {
  return parseTimes(text)[0];
}

/** Seconds between two firings of an OnCalendar= expression, according to systemd-analyze(1), if it can say. */
export async function calendarSeconds(
  expression: string,
  env: NodeJS.ProcessEnv,
): Promise<number | undefined> {
  const { code, stdout } = await runProgram(
    "systemd-analyze",
    ["calendar", "--iterations=2", "--", expression],
    env,
  );
  if (code !== 0) return undefined;
  const times = [...new Set(parseTimes(stdout).map((time) => time.getTime()))].sort((a, b) => a - b);
  const [first, second] = times;
  return first === undefined || second === undefined ? undefined : (second - first) / 1000;
}

function parseTimes(text: string): Date[] {
  const found = text.matchAll(/(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) (?:UTC|GMT)/g);
  return [...found]
    .map(([, day, time]) => new Date(`${day}T${time}Z`))
    .filter((date) => !Number.isNaN(date.getTime()));
}
