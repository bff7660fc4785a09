import type { AlertNotice } from "./notice.ts";

/** Where changes in an account's health are told. */
export interface HealthTeller {
  readonly now: Date;
  /** A webhook is configured: what is queued is told. */
  readonly announce: boolean;
  log(level: "info" | "warning" | "error", line: string): void;
  queue(alert: Pick<AlertNotice, "code" | "resolved" | "until">): void;
}
