import type { ExitCode } from "../exit-codes.ts";

/** What `magnets check` found about one thing. */
export interface Finding {
  /** What was looked at, such as `config`, `key`, `timer`. */
  name: string;
  /** `warning`: worth knowing, nothing is broken. */
  result: "ok" | "warning" | "failed";
  message: string;
  /** What to do, lines to paste included; null when there is nothing to do. */
  remedy: string | null;
}

/** The document of `check --json`. */
export interface CheckReport {
  version: 1;
  exit_code: ExitCode;
  checks: Finding[];
}

/** All is well with it. */
export function ok(name: string, message: string): Finding {
  return { name, result: "ok", message, remedy: null };
}

/** Nothing is broken, but its owner should know. */
export function warning(name: string, message: string, remedy: string | null = null): Finding {
  return { name, result: "warning", message, remedy };
}

/** It does not work. */
export function failed(name: string, message: string, remedy: string | null = null): Finding {
  return { name, result: "failed", message, remedy };
}
