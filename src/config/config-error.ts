import { UsageError } from "../errors.ts";

/** The configuration can't be used. The message lists every problem, a line each, then says what to do. */
export class ConfigError extends UsageError {
  override readonly name = "ConfigError";
  /** One line each, without the advice. */
  readonly problems: readonly string[];
  /** What to do. */
  readonly advice: string | undefined;

  /** `advice` is a sentence; a single problem and its advice share one line. */
  constructor(problems: readonly string[], advice?: string) {
    const separator = problems.length === 1 ? ". " : "\n";
    super(advice === undefined ? problems.join("\n") : `${problems.join("\n")}${separator}${advice}`);
    this.problems = problems;
    this.advice = advice;
  }
}
