import { type Evidence, noEvidence, watchClient } from "./evidence.ts";
import type { AccountClient, Log, Progress, Store } from "./ports.ts";
import type { Deletion, Notice } from "./records.ts";
import type { Action, MagnetResult } from "./report.ts";
import type { Policy } from "./settings.ts";
import { limitOf } from "./sighting.ts";
import { describeMagnet } from "./text.ts";

/** What a sweep works with. All of it is handed in: the core has no clock, chance, disk or network of its own. */
export interface SweepInput {
  readonly clients: readonly AccountClient[];
  /** In a dry run, one whose saves do nothing. */
  readonly store: Store;
  readonly policy: Policy;
  readonly log: Log;
  readonly now: () => Date;
  /** Waits for `ms` milliseconds, or until `stopping` is aborted. */
  readonly sleep: (ms: number) => Promise<void>;
  /** Makes the unique key of a deletion or a notice. */
  readonly newKey: () => string;
  /** Aborted once nothing new may start; the sweep aborts it itself when state can't be saved. */
  readonly stopping: AbortController;
  /** Seconds; see `countSighting`. */
  readonly longestGapSeconds: number;
  /** A webhook is configured: what is to be announced is queued for it. */
  readonly announce: boolean;
  /** Nothing is changed, neither at AllDebrid nor on disk; results say what would happen. */
  readonly dryRun: boolean;
  readonly progress?: Progress | undefined;
}

/** One sweep: what it was given, and what it has found so far. */
export interface SweepContext extends SweepInput {
  /** By magnet id. */
  readonly results: Map<string, MagnetResult>;
  /** Ids that one of the accounts has shown in this sweep: counted once, and not asked for by id. */
  readonly seen: Set<string>;
  /** Ids whose deletion is due in this sweep, `max_deletes_per_run` aside. */
  readonly due: Set<string>;
  /** What makes the exit code 3: one line each. */
  readonly attention: string[];
}

/** One account in one sweep. */
export interface AccountSweep {
  readonly client: AccountClient;
  /** Whether the account works, by its responses so far. */
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

/** At most this many magnets of an account are asked for by id in one sweep (contract, Counting 5). */
const QUESTIONS_PER_ACCOUNT = 50;

/** An account at the start of a sweep. */
export function startAccount(client: AccountClient): AccountSweep {
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

/** What happened to one magnet. */
interface MagnetOutcome {
  readonly id: string;
  readonly action: Action;
  readonly reason: string;
  /** Refused restarts are everyday; default: info. */
  readonly level?: "info" | "warning";
  /** Stands in for a counter that is gone. */
  readonly known?: Pick<Deletion, "filename" | "status" | "fails" | "max_retries">;
}

/** Notes and logs what happened to a magnet. The results of a dry run are its output: the log need not repeat them. */
export function noteResult(ctx: SweepContext, account: AccountSweep, outcome: MagnetOutcome): void {
  const { id, action, reason, level = "info", known } = outcome;
  const record = ctx.store.counters.get(id);
  const earlier = ctx.results.get(id);
  const filename = record?.filename ?? known?.filename ?? null;
  ctx.results.set(id, {
    id,
    account: account.client.name,
    filename,
    status: record?.last_status ?? earlier?.status ?? known?.status ?? "error",
    fails: record?.fails ?? earlier?.fails ?? known?.fails ?? 0,
    max_retries: known?.max_retries ?? limitOf(record, ctx.policy).maxRetries,
    action,
    reason,
  });
  const line = `${account.client.name}: ${describeMagnet(id, filename)} ${ctx.dryRun ? "would be " : ""}${action}: ${reason}`;
  ctx.log[ctx.dryRun ? "debug" : level](line);
}

/** Forgets the counter of a magnet that needs none any more. Not saved yet. */
export function forgetMagnet(ctx: SweepContext, account: AccountSweep, id: string, reason: string): void {
  noteResult(ctx, account, { id, action: "forgotten", reason });
  ctx.store.counters.delete(id);
}

/** Queues notices for Discord, on disk when this returns; one that is queued already is not queued twice. */
export async function queueNotices(ctx: SweepContext, notices: readonly Notice[]): Promise<void> {
  if (!ctx.announce || notices.length === 0) return;
  const { pending } = ctx.store.outbox;
  const queued = new Set(pending.map(({ key }) => key));
  pending.push(...notices.filter(({ key }) => !queued.has(key)));
  await ctx.store.saveOutbox();
}
