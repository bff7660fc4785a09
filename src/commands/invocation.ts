import type { LogLevel } from "../core/settings.ts";
import { createLog, detectLogMode } from "../terminal/log.ts";
import { createStatusLine } from "../terminal/progress.ts";
import { createRedactor } from "../terminal/redact.ts";
import { createColors, symbolsFor, wantsColor } from "../terminal/screen.ts";

/** The options that stand before or after any command's name. */
export interface GlobalOptions {
  readonly config?: string;
  readonly stateDir?: string;
  readonly logLevel?: string;
  /** False with `--no-color`. */
  readonly color: boolean;
}

/** One call of the program: where it reads and writes. It is the screen that stdout is. */
export type Invocation = ReturnType<typeof currentInvocation>;

/** A terminal that does not know its size says 0. */
const FALLBACK_COLUMNS = 80;

/** Undefined where somebody has deleted it. */
function workingFolder(): string | undefined {
  try {
    return process.cwd();
  } catch {
    return undefined;
  }
}

/** The invocation of the running process; `write` receives what goes to stdout. */
export function currentInvocation(options: GlobalOptions, write: (text: string) => void) {
  const { env, stdout, stderr } = process;
  const redactor = createRedactor();
  const logMode = detectLogMode(env, stderr);
  const colorsOn = ({ isTTY }: NodeJS.WriteStream) => createColors(wantsColor(env, isTTY, !options.color));
  const known = symbolsFor(env);
  // Before a line is broken or cut, and a secret with it.
  const symbols = { ...known, spell: (text: string) => known.spell(redactor.redact(text)) };
  const writeLog = (text: string) => void stderr.write(text);
  const columns = () => stderr.columns || FALLBACK_COLUMNS;
  const canErase = logMode === "terminal" && env.TERM !== "dumb";
  const statusLine = canErase ? createStatusLine(writeLog, columns, symbols) : undefined;
  return {
    options,
    env,
    cwd: workingFolder(),
    /** Knows every secret of this call; all output passes it. */
    redactor,
    logMode,
    colors: colorsOn(stdout),
    symbols,
    columns: stdout.isTTY ? stdout.columns || FALLBACK_COLUMNS : undefined,
    rows: stdout.isTTY ? stdout.rows || undefined : undefined,
    /** On stderr, when that is a terminal that can erase a line. */
    statusLine,
    /** Writes results to stdout, one line each. */
    print: (lines: readonly string[]) => {
      if (lines.length > 0) write(redactor.redact(`${lines.join("\n")}\n`));
    },
    /** Creates a log on stderr. */
    log: (level: LogLevel) =>
      createLog({
        level,
        mode: logMode,
        colors: colorsOn(stderr),
        symbols,
        columns: () => stderr.columns || undefined,
        write: statusLine?.write ?? writeLog,
        redactor,
      }),
  };
}
