import type { LogLevel } from "../core/settings.ts";
import { type Colors, loadColors } from "../terminal/colors.ts";
import { createLog, detectLogMode, type Log, type LogMode, wantsColor } from "../terminal/log.ts";
import type { Output } from "../terminal/output.ts";
import { createStatusLine, type StatusLine } from "../terminal/progress.ts";
import { createRedactor, type Redactor } from "../terminal/redact.ts";

/** The options that stand before or after any command's name. */
export interface GlobalOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly logLevel?: string;
  /** False with `--no-color`. */
  readonly color: boolean;
}

/** One call of the program: where it reads and writes. */
export interface Invocation {
  readonly options: GlobalOptions;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Knows every secret of this call; all output passes it. */
  readonly redactor: Redactor;
  readonly logMode: LogMode;
  /** Of results on stdout. */
  readonly colors: Colors;
  /** Columns of the terminal that stdout is; absent when it is none. */
  readonly columns: number | undefined;
  /** Lines of that terminal. */
  readonly rows: number | undefined;
  /** On stderr, when that is a terminal that can take a line back. */
  readonly statusLine: (StatusLine & { readonly columns: () => number }) | undefined;
  /** Writes results to stdout, a line each. */
  print(lines: readonly string[]): void;
  /**
   * To be called by what talks to others, has deadlines and heeds signals: a reader of results or log who takes nothing
   * must not hold it up.
   */
  letReadersStall(): void;
  /** Makes a log on stderr. */
  log(level: LogLevel): Log;
}

const FALLBACK_COLUMNS = 80;

/** Where a process writes to. */
export interface Outputs {
  readonly stdout: Output;
  readonly stderr: Output;
}

/** The invocation of the running process. */
export async function currentInvocation(
  options: GlobalOptions,
  { stdout, stderr }: Outputs,
): Promise<Invocation> {
  const { env } = process;
  const redactor = createRedactor();
  const logMode = detectLogMode(env, { fd: 2, isTTY: stderr.isTTY });
  const noColor = !options.color;
  const canErase = logMode === "terminal" && env.TERM !== "dumb";
  const statusLine = canErase
    ? { ...createStatusLine(stderr.write), columns: () => stderr.columns() || FALLBACK_COLUMNS }
    : undefined;
  const logColors = await loadColors(wantsColor({ env, isTTY: stderr.isTTY, noColor }));
  return {
    options,
    env,
    cwd: process.cwd(),
    redactor,
    logMode,
    colors: await loadColors(wantsColor({ env, isTTY: stdout.isTTY, noColor })),
    // A terminal that does not tell its size says 0.
    columns: stdout.isTTY ? stdout.columns() || FALLBACK_COLUMNS : undefined,
    rows: stdout.isTTY ? stdout.rows() || undefined : undefined,
    statusLine,
    print: (lines) => {
      if (lines.length > 0) stdout.write(redactor.redact(`${lines.join("\n")}\n`));
    },
    letReadersStall: () => {
      stdout.letReaderStall();
      stderr.letReaderStall();
    },
    log: (level) =>
      createLog({
        level,
        mode: logMode,
        colors: logColors,
        write: statusLine?.write ?? stderr.write,
        now: Date.now,
        redactor,
      }),
  };
}
