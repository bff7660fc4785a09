import { type Evidence, noEvidence, watchClient } from "./evidence.ts";
import type { AccountClient, Log, Progress, Store } from "./ports.ts";
import type { Deletion } from "./records.ts";
import type { Action, MagnetResult } from "./report.ts";
import type { Policy } from "./settings.ts";
import { cleanText } from "./text.ts";

/** What all parts of one sweep share. */
export interface SweepContext {
  readonly store: Store;
  readonly policy: Policy;
  readonly log: Log;
  readonly now: () => Date;
  /** Waits for `ms` milliseconds, or until `stopping` is aborted. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Makes the key of a deletion or a notice, which no other ever has. */
  readonly newKey: () => string;
  /** Aborted once nothing new may be begun. */
  readonly stopping: AbortSignal;
  /** Seconds; see `SightingContext`. */
  readonly longestGapSeconds: number;
  /** A webhook is configured: deletions and holds are queued for it. */
  readonly announce: boolean;
  /** Nothing is changed, neither at AllDebrid nor on disk; results say what would happen. */
  readonly dryRun: boolean;
  readonly progress?: Progress | undefined;
  /** By magnet id. */
  readonly results: Map<string, MagnetResult>;
  /** Each reason once, by itself: thousands of results share a few. */
  readonly reasons: Map<string, string>;
  /** Fingerprints of the accounts of this sweep. */
  readonly swept: ReadonlySet<string>;
  /** Ids that one of the accounts has shown in this sweep: counted once, and not asked for. */
  readonly seen: Set<string>;
  /** Ids whose deletion is due in this sweep, `max_deletes_per_run` aside. */
  readonly due: Set<string>;
  /** What makes the exit code 3: one line each. */
  readonly attention: string[];
}

/** One account in one sweep. */
export interface AccountSweep {
  readonly client: AccountClient;
  /** Whether the account works, by its answers so far. */
  readonly evidence: Evidence;
  /** Failures of the account or of whole requests, a line each. */
  readonly errors: string[];
  /** The lists that did not answer. */
  readonly unanswered: Set<string>;
  /** Questions by id that are left. */
  questions: number;
  /** Questions by id that failed. */
  failedQuestions: number;
}

/** At most this many magnets of an account are asked for by id in one sweep. */
const QUESTIONS_PER_ACCOUNT = 50;

/** An account at the beginning of a sweep. */
export function beginAccount(client: AccountClient): AccountSweep {
  const evidence = noEvidence();
  return {
    client: watchClient(client, evidence),
    evidence,
    errors: [],
    unanswered: new Set(),
    questions: QUESTIONS_PER_ACCOUNT,
    failedQuestions: 0,
  };
}

/** Notes a failure of the account or of a whole request; the same line once. */
export function accountFailed(ctx: SweepContext, account: AccountSweep, message: string): void {
  if (account.errors.includes(message)) return;
  account.errors.push(message);
  ctx.log.error(`${account.client.name}: ${message}`);
}

/**
 * Notes and logs what happened to a magnet; refused restarts are everyday, so `info` unless told. The results
 * of a dry run are its output, which the log need not repeat. `known` stands in for a counter that is gone.
 */
export function noteResult(
  ctx: SweepContext,
  account: AccountSweep,
  outcome: {
    id: string;
    maxRetries: number;
    action: Action;
    reason: string;
    level?: "info" | "warning";
    known?: Pick<Deletion, "filename" | "status" | "fails">;
  },
): void {
  const { id, maxRetries, action, reason, level = "info", known } = outcome;
  const record = ctx.store.counters.get(id);
  const filename = record?.filename ?? known?.filename ?? null;
  const earlier = ctx.results.get(id);
  ctx.results.set(id, {
    id,
    account: account.client.name,
    filename,
    status: record?.last_status ?? earlier?.status ?? known?.status ?? "error",
    fails: record?.fails ?? earlier?.fails ?? known?.fails ?? 0,
    max_retries: maxRetries,
    action,
    reason: kept(ctx.reasons, reason),
  });
  const line = `${account.client.name}: ${describe(id, filename)} ${ctx.dryRun ? "would be " : ""}${action}: ${reason}`;
  ctx.log[ctx.dryRun ? "debug" : level](line);
}

function kept(reasons: Map<string, string>, reason: string): string {
  const known = reasons.get(reason);
  if (known === undefined) reasons.set(reason, reason);
  return known ?? reason;
}

/** A magnet as log lines name it. */
export function describe(id: string, filename: string | null | undefined): string {
  return filename ? `"${cleanText(filename, 120)}" (${id})` : `magnet ${id}`;
}
