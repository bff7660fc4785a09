import { LOG_LEVELS, type LogLevel } from "../core/log-level.ts";
import { UsageError } from "../errors.ts";

/** Reads `--log-level`, in any case. Throws `UsageError` for what is no level. */
export function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text.toUpperCase());
  if (level !== undefined) return level;
  const shown = /^\w{1,12}$/.test(text) ? `, got ${text}` : "";
  throw new UsageError(`--log-level: expected DEBUG, INFO, WARNING or ERROR${shown}`);
}
