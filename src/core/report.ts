import type { ExitCode } from "../exit-codes.ts";
import type { SweepSummary } from "./sweep-summary.ts";

/** What a sweep did with a magnet, or would do in a dry run. */
export type Action = "restarted" | "deleted" | "held" | "failed" | "forgotten";

/** One magnet's line in the report. */
export interface MagnetResult {
  id: string;
  /** The account's name. */
  account: string;
  /** Raw: clean it at the sink. */
  filename: string | null;
  /** `expired` or `error`, as last sighted. */
  status: string;
  fails: number;
  max_retries: number;
  action: Action;
  reason: string;
}

/** What became of an account in a sweep. */
export interface AccountResult {
  name: string;
  ok: boolean;
  error: string | null;
}

/** What a sweep found and did: the document of `run-once --json`. */
export interface SweepReport {
  version: 1;
  /** ISO 8601. */
  started_at: string;
  /** ISO 8601. */
  finished_at: string;
  dry_run: boolean;
  exit_code: ExitCode;
  accounts: AccountResult[];
  magnets: MagnetResult[];
  pending_notifications: number;
}

/** The report as it is kept for `status`. */
export function summarize(report: SweepReport): SweepSummary {
  const count = (action: Action) => report.magnets.filter((magnet) => magnet.action === action).length;
  return {
    started_at: report.started_at,
    finished_at: report.finished_at,
    exit_code: report.exit_code,
    failing: report.magnets.length - count("forgotten"),
    restarted: count("restarted"),
    deleted: count("deleted"),
    held: count("held"),
    failed: count("failed"),
    forgotten: count("forgotten"),
    accounts: report.accounts,
  };
}
