import { execFile } from "node:child_process";

/** How a program ended. */
export interface ProgramRun {
  /** Absent when there is no such program, or it was killed for taking too long. */
  readonly code: number | undefined;
  readonly stdout: string;
}

/** For one look at the system; none takes a second. */
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
