import { fstatSync } from "node:fs";
import { LOG_LEVELS, type LogLevel } from "../core/settings.ts";
import { cleanText } from "../core/text.ts";
import { wrapText } from "./layout.ts";
import type { Redactor } from "./redact.ts";
import { actionPainter, type Screen } from "./screen.ts";

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
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    if (env.JOURNAL_STREAM === `${dev}:${ino}`) return "journal";
  } catch {
    // A closed stderr is nobody's journal.
  }
  return isTTY ? "terminal" : "plain";
}

/** One line, or a list of lines that belong together. */
export type LogMessage = string | readonly string[];

interface LogOptions extends Pick<Screen, "colors" | "symbols"> {
  /** The lowest that is shown. */
  readonly level: LogLevel;
  readonly mode: LogMode;
  /** Of a terminal, as far as it knows them. */
  readonly columns?: () => number | undefined;
  /** Receives whole lines, each with its line feed. */
  readonly write: (text: string) => void;
  readonly redactor: Redactor;
}

/** Priorities of sd-daemon(3). */
const PRIORITY: Record<LogLevel, string> = { DEBUG: "<7>", INFO: "<6>", WARNING: "<4>", ERROR: "<3>" };

/** In UTF-16 units. The journal reads a priority after each 48 KiB of a line, so a longer one could forge one. */
const LONGEST_LINE = 8_000;

/**
 * Makes the log: short and coloured for a terminal, with priorities for the journal, else with ISO times. Messages may
 * hold untrusted strings: they are cleaned and redacted here, and a line feed inside a line never starts a new one.
 */
export function createLog({ level: least, mode, symbols, colors, redactor, columns, write }: LogOptions) {
  const paint = { DEBUG: colors.dim, INFO: colors.cyan, WARNING: colors.yellow, ERROR: colors.red };
  const paintAction = actionPainter(colors);

  const format = (level: LogLevel, message: string, isFirst: boolean): string[] => {
    // Redacts before cleaning, which could change a secret, and after it, which could uncover one; then cuts.
    const safe = cleanText(redactor.redact(cleanText(redactor.redact(message))), LONGEST_LINE);
    const line = symbols.spell(safe);
    if (mode === "journal") return [`${PRIORITY[level]}${line}`];
    if (mode === "plain") return [`${new Date().toISOString()} ${paint[level](level)} ${line}`];
    const isTrouble = level === "WARNING" || level === "ERROR";
    const mark = isTrouble ? `${paint[level](`${level.toLowerCase()}:`)} ` : "";
    const shown = level === "INFO" ? paintAction(line) : line;
    const lines = wrapText(`${isFirst ? mark : "  "}${shown}`, { columns: columns?.(), symbols }, "  ");
    return level === "DEBUG" ? lines.map((each) => paint.DEBUG(each)) : lines;
  };

  const logAt = (level: LogLevel) => (message: LogMessage) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(least)) return;
    const lines = [message].flat().flatMap((line, i) => format(level, line, i === 0));
    if (lines.length > 0) write(`${lines.join("\n")}\n`);
  };
  return { debug: logAt("DEBUG"), info: logAt("INFO"), warning: logAt("WARNING"), error: logAt("ERROR") };
}
