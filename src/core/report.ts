import type { ExitCode } from "../errors.ts";
import type { ArrResult, SweepSummary } from "./records.ts";

/** What a sweep did with a magnet, or would do in a dry run. */
export type Action = "restarted" | "deleted" | "held" | "failed" | "forgotten";

/** One magnet's line in the report. Its name is raw: clean it at the sink. */
export interface MagnetResult {
  id: string;
  /** The account's name. */
  account: string;
  filename: string | null;
  /** `expired` or `error`, as last sighted. */
  status: string;
  fails: number;
  max_retries: number;
  action: Action;
  reason: string;
  /** It was held back from being deleted, and restarted instead. */
  restarted?: true;
  /** What a held one waits for, where no rule holds it. */
  waits?: "slot" | "next sweep";
  /** Of a deleted one: what each Sonarr and Radarr was told of it, or would be told in a dry run. */
  arrs?: readonly ArrResult[];
}

/** What became of an account in a sweep. */
export interface AccountResult {
  name: string;
  ok: boolean;
  error: string | null;
  /** The sweep was stopped before any list of it was read. */
  not_started?: true;
}

/** What a sweep found and did: the document of `run-once --json`. */
export interface SweepReport {
  version: 1;
  started_at: string;
  finished_at: string;
  dry_run: boolean;
  exit_code: ExitCode;
  accounts: AccountResult[];
  magnets: MagnetResult[];
  pending_notifications: number;
}

/** How many magnets met each fate. What is held back and restarted counts as restarted; waiting is not failing. */
export function countResults(magnets: readonly MagnetResult[]) {
  const counts = { restarted: 0, deleted: 0, held: 0, failed: 0, forgotten: 0, waiting: 0, not_started: 0 };
  for (const { action, restarted, waits } of magnets) {
    if (restarted) counts.restarted++;
    else if (waits) counts[waits === "slot" ? "waiting" : "not_started"]++;
    else counts[action]++;
  }
  return counts;
}

/** The report as it is kept for `status`. */
export function summarize({ started_at, finished_at, exit_code, ...report }: SweepReport): SweepSummary {
  const counts = countResults(report.magnets);
  const accounts = report.accounts.map(({ name, ok, error }) => ({ name, ok, error }));
  const failing = report.magnets.length - counts.forgotten;
  return { started_at, finished_at, exit_code, failing, ...counts, accounts };
}

/** The document of `check --json`. */
export interface CheckReport {
  version: 1;
  exit_code: ExitCode;
  checks: Finding[];
}

/** What `magnets check` found about one thing (`name`, such as `config`, `key`, `timer`). */
export type Finding = ReturnType<typeof ok>;

/** `remedy` is what to do, lines to paste included; null when there is nothing to do. */
function finding(result: "ok" | "warning" | "failed") {
  return (name: string, message: string, remedy: string | null = null) => ({ name, result, message, remedy });
}

export const ok = finding("ok");
/** Worth knowing, nothing is broken. */
export const warning = finding("warning");
export const failed = finding("failed");
