import { fstatSync } from "node:fs";
import { LOG_LEVELS, type LogLevel } from "../core/settings.ts";
import { cleanText } from "../core/text.ts";
import { wrapText } from "./layout.ts";
import type { Redactor } from "./redact.ts";
import { actionPainter, type Colors, type Symbols } from "./screen.ts";

/** Who reads the log: a person at a terminal, the systemd journal, or a file, cron's mail, a pipe. */
export type LogMode = "terminal" | "journal" | "plain";

/**
 * Finds out who reads a stream such as `process.stderr`. `$JOURNAL_STREAM` is inherited by children whose stderr goes
 * elsewhere, so only a match with the stream's own device and inode counts (systemd.exec(5)).
 */
export function detectLogMode(
  env: NodeJS.ProcessEnv,
  { fd, isTTY }: { readonly fd: number; readonly isTTY?: boolean | undefined },
): LogMode {
  const otherwise = isTTY ? "terminal" : "plain";
  if (env.JOURNAL_STREAM === undefined) return otherwise;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return env.JOURNAL_STREAM === `${dev}:${ino}` ? "journal" : otherwise;
  } catch {
    // A closed stderr is nobody's journal.
    return otherwise;
  }
}

/** One line, or a list of lines that belong together. A line feed inside a line never starts a new one. */
export type LogMessage = string | readonly string[];

/** Where a run logs what happens. Messages may hold untrusted strings: they are cleaned and redacted here. */
export interface Log {
  debug(message: LogMessage): void;
  info(message: LogMessage): void;
  warning(message: LogMessage): void;
  error(message: LogMessage): void;
}

interface LogOptions {
  /** The lowest that is shown. */
  readonly level: LogLevel;
  readonly mode: LogMode;
  readonly colors: Colors;
  readonly symbols: Symbols;
  /** Of a terminal, as far as it knows them. */
  readonly columns?: () => number | undefined;
  /** Receives whole lines, each with its line feed. */
  readonly write: (text: string) => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly redactor: Redactor;
}

/** Priorities of sd-daemon(3). */
const PRIORITY: Record<LogLevel, string> = { DEBUG: "<7>", INFO: "<6>", WARNING: "<4>", ERROR: "<3>" };

/**
 * In UTF-16 units. The journal splits lines at 48 KiB and reads a priority at the start of each piece, so
 * a longer line could forge one.
 */
const LONGEST_LINE = 8_000;

/** Makes the log: short and coloured for a terminal, with priorities for the journal, else with ISO times. */
export function createLog(options: LogOptions): Log {
  const { mode, redactor, symbols } = options;
  const { dim, cyan, yellow, red } = options.colors;
  const paint = { DEBUG: dim, INFO: cyan, WARNING: yellow, ERROR: red };
  const paintAction = actionPainter(options.colors);

  const format = (level: LogLevel, line: string, index: number): string[] => {
    if (mode === "journal") return [`${PRIORITY[level]}${line}`];
    if (mode === "plain") return [`${isoTime(options.now())} ${paint[level](level)} ${line}`];
    const shown = index > 0 ? `  ${line}` : level === "INFO" ? paintAction(line) : line;
    const hasMark = index === 0 && (level === "WARNING" || level === "ERROR");
    const mark = hasMark ? `${paint[level](`${level.toLowerCase()}:`)} ` : "";
    const lines = wrapText(mark + shown, { columns: options.columns?.(), symbols }, "  ");
    return level === "DEBUG" ? lines.map((each) => paint.DEBUG(each)) : lines;
  };

  const logAt = (level: LogLevel) => (message: LogMessage) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(options.level)) return;
    const lines = typeof message === "string" ? [message] : message;
    const shown = lines.flatMap((line, index) =>
      format(level, symbols.spell(safeLine(line, redactor)), index),
    );
    if (shown.length > 0) options.write(shown.map((line) => `${line}\n`).join(""));
  };
  return { debug: logAt("DEBUG"), info: logAt("INFO"), warning: logAt("WARNING"), error: logAt("ERROR") };
}

/** Redacts before cleaning, which could change a secret, and after it, which could uncover one; then cuts. */
function safeLine(line: string, redactor: Redactor): string {
  return cleanText(redactor.redact(cleanText(redactor.redact(line))), LONGEST_LINE);
}

function isoTime(now: number): string {
  const date = new Date(now);
  return Number.isNaN(date.getTime()) ? "-" : date.toISOString();
}
