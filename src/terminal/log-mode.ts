import { fstatSync } from "node:fs";

/** Who reads the log: a person at a terminal, the systemd journal, or a file, cron's mail, a pipe. */
export type LogMode = "terminal" | "journal" | "plain";

/** The parts of a stream such as `process.stderr` that tell where it goes. */
export interface LogTarget {
  readonly fd: number;
  readonly isTTY?: boolean | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Finds out who reads `target`. `$JOURNAL_STREAM` is inherited by children whose stderr goes elsewhere, so
 * only a match with the stream's own device and inode counts (systemd.exec(5)).
 */
export function detectLogMode(env: Environment, target: LogTarget): LogMode {
  if (env.JOURNAL_STREAM !== undefined && env.JOURNAL_STREAM === identityOf(target.fd)) return "journal";
  return target.isTTY ? "terminal" : "plain";
}

function identityOf(fd: number): string | undefined {
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // A closed stderr is nobody's journal.
    return undefined;
  }
}

/**
 * Whether to colour what goes to a stream. `--no-color` and a non-empty `NO_COLOR` (no-color.org) win over
 * `FORCE_COLOR`, which wins over what is known of the terminal.
 */
export function wantsColor(options: {
  readonly env: Environment;
  readonly isTTY: boolean | undefined;
  /** `--no-color` was given. */
  readonly noColor: boolean;
}): boolean {
  const { env } = options;
  if (options.noColor || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return options.isTTY === true && env.TERM !== "dumb";
}
