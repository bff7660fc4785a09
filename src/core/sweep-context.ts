import type { AccountPlan } from "./decide.ts";
import type { WatchedClient } from "./evidence.ts";
import { type FailingStatus, normalizeHash } from "./magnet.ts";
import type { AccountClient, Log, Progress, Store } from "./ports.ts";
import type { ArrTask, Deletion, Intent, Notice } from "./records.ts";
import type { MagnetResult } from "./report.ts";
import type { Policy } from "./settings.ts";
import { lastStatus } from "./sighting.ts";
import { describeMagnet } from "./text.ts";

/** What a sweep works with. All of it is handed in: the core has no clock, chance, disk or network of its own. */
export interface SweepInput {
  /** One for each key. */
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
  /** Names a user without telling the name. */
  readonly fingerprint: (username: string) => string;
  /** Aborted once nothing new may start; the sweep aborts it itself when state can't be saved. */
  readonly stopping: AbortController;
  readonly cycleSeconds: number;
  /** A webhook is configured: what is to be announced is queued for it. */
  readonly announce: boolean;
  /** The names of each Sonarr and Radarr that is to be told of deletions. */
  readonly arrs?: readonly string[];
  /** How the reader of messages calls this program; default: `magnets`. */
  readonly command?: string;
  /** Nothing is changed, neither at AllDebrid nor on disk; results say what would happen. */
  readonly dryRun: boolean;
  readonly progress?: Progress | undefined;
}

/** One sweep: what it was given, and what it has found so far. */
export interface Sweep extends SweepInput {
  readonly accounts: Account[];
  readonly results: Map<string, MagnetResult>;
  /** Ids that one of the accounts has shown in this sweep: counted once, and not asked for again. */
  readonly seen: Set<string>;
  /** Listed by one account, and known to be another's that is configured. */
  readonly foreign: { readonly id: string; readonly account: Account }[];
  /** Of a dry run: the entries of `protect` that match nothing so far. */
  unmatched: readonly string[];
  /** What makes the exit code 3: one line each. */
  readonly attention: string[];
}

/** One account in one sweep. */
export interface Account {
  /** Its id in `accounts.json`. */
  readonly id: string;
  /** Whether `/v4/user` has said whose account it is; a key of which nobody knows is an account of its own. */
  readonly known: boolean;
  readonly name: string;
  /** One for each of its keys; the first whose lists answer is used. */
  readonly clients: WatchedClient[];
  /** The one in use. */
  client: WatchedClient;
  /** Failures of the account or of whole requests, a line each. */
  readonly errors: string[];
  readonly unanswered: Set<FailingStatus>;
  /** Questions by id that are left; see `getMagnet`. */
  questions: number;
  failedQuestions: number;
  /** What was decided; empty before that. */
  plan: AccountPlan;
  /** Why no further deletion is sent to it in this sweep. */
  deletionsEnded?: string;
  /** Deletions that are on record and not finished: see `finishDeletions`. */
  readonly recorded: Deletion[];
  /** What the log counts instead of writing a line for each magnet. */
  readonly counted: Map<string, number>;
}

/** Notes a failure of the account or of a whole request; the same line once. */
export function accountFailed(ctx: Sweep, account: Account, message: string): void {
  // What a stopped sweep cuts short is nobody's trouble.
  if (ctx.stopping.signal.aborted || account.errors.includes(message)) return;
  account.errors.push(message);
  ctx.log.error(`${account.name}: ${message}`);
}

interface MagnetOutcome extends Pick<MagnetResult, "id" | "action" | "reason" | "restarted" | "waits"> {
  /** Default: info. */
  readonly level?: "warning";
  /** The log counts it under this label, always or where the last sweep brought the same. */
  readonly counted?: { readonly label: string; readonly always?: boolean } | undefined;
  /** The deletion that this is the outcome of: it may be of an earlier sweep, and the counter gone. */
  readonly intent?: Intent;
}

/**
 * Notes and logs what happened to a magnet: a line where something changed, else it is counted. The results of a dry
 * run are its output: the log need not repeat them.
 */
export function noteResult(ctx: Sweep, account: Account, outcome: MagnetOutcome): void {
  const { id, action, reason, level = "info", intent, counted } = outcome;
  const record = ctx.store.counters.get(id);
  const planned = account.plan.magnets.get(id);
  // The counter may be forgotten already.
  const known = record ?? planned?.record;
  const filename = known?.filename ?? intent?.filename ?? null;
  ctx.results.set(id, {
    id,
    account: account.name,
    filename,
    status: known?.last_status ?? intent?.status ?? "error",
    fails: known?.fails ?? intent?.fails ?? 0,
    max_retries:
      intent?.max_retries ?? planned?.decision.maxRetries ?? ctx.policy.maxRetries[lastStatus(known)],
    action,
    reason,
    ...(outcome.restarted && { restarted: true }),
    ...(outcome.waits && { waits: outcome.waits }),
  });
  const isSame = counted && (counted.always || record?.outcome === counted.label);
  if (record && counted) record.outcome = counted.label;
  else if (record) delete record.outcome;
  if (isSame) account.counted.set(counted.label, (account.counted.get(counted.label) ?? 0) + 1);
  const line = `${account.name}: ${describeMagnet(id, filename)} ${ctx.dryRun ? "would be " : ""}${action}: ${reason}`;
  ctx.log[isSame || ctx.dryRun ? "debug" : level](line);
}

/** Logs what was counted, one line for each label. */
export function logCounted({ log }: Sweep, { name, counted }: Account): void {
  for (const [label, count] of counted) log.info(`${name}: ${count} ${label}`);
  counted.clear();
}

/** Since the sweep was stopped, nothing was started for a magnet, or not ended: that is not a failure. */
export function noteNotStarted(
  ctx: Sweep,
  account: Account,
  id: string,
  reason = "not started: the sweep was stopped",
): void {
  const counted = { label: "not started, since the sweep was stopped", always: true };
  noteResult(ctx, account, { id, action: "held", reason, waits: "next sweep", counted });
}

/** Forgets the counter of a magnet that needs none any more. Not saved yet. */
export function forgetMagnet(ctx: Sweep, account: Account, id: string, reason: string): void {
  if (!ctx.store.counters.has(id)) return;
  noteResult(ctx, account, { id, action: "forgotten", reason });
  ctx.store.counters.delete(id);
}

/** The id of the account that a magnet is known to be of. */
export function ownerOf({ store: { counters, intents, confirmed } }: Sweep, id: string): string | undefined {
  return counters.get(id)?.account ?? intents.get(id)?.fingerprint ?? confirmed.get(id)?.fingerprint;
}

/** What is known of a magnet's deletions goes over to the account that has it. Not saved yet. */
export function takeOver({ store }: Sweep, account: Account, id: string): void {
  for (const deletion of [store.intents.get(id), store.confirmed.get(id)]) {
    if (deletion) deletion.fingerprint = account.id;
  }
}

/** Queues notices for Discord, on disk when this returns. */
export async function queueNotices(ctx: Sweep, notices: readonly Notice[]): Promise<void> {
  if (!ctx.announce || notices.length === 0) return;
  enqueue(ctx.store.outbox.pending, notices);
  await ctx.store.saveOutbox();
}

/** Queues deletions for each Sonarr and Radarr, on disk when this returns. Without a hash nobody can find a grab. */
export async function queueForArrs(ctx: Sweep, deletions: readonly Deletion[]): Promise<void> {
  const known = deletions.filter(({ hash }) => normalizeHash(hash) !== undefined);
  const { arrs = [], dryRun } = ctx;
  if (dryRun || arrs.length === 0 || known.length === 0) return;
  const tasks = known.flatMap(({ key: deletion, id, hash = "", filename, account, deleted_at }) =>
    arrs.map((server): ArrTask => {
      const key = `${deletion} ${server}`;
      return { key, deletion, server, id, hash: normalizeHash(hash), account, deleted_at, filename };
    }),
  );
  enqueue(ctx.store.arrs.pending, tasks);
  await ctx.store.saveArrs();
}

/** Adds what is not queued already. */
function enqueue<T extends { readonly key: string }>(queue: T[], items: readonly T[]): void {
  const queued = new Set(queue.map(({ key }) => key));
  queue.push(...items.filter(({ key }) => !queued.has(key)));
}

/**
 * Saves what is known of magnets. A deletion that is finished is remembered before its counter is forgotten, and its
 * intent goes last, so that a sweep killed in between finds it and does the same again.
 */
export async function saveMagnets({ store }: Sweep): Promise<void> {
  await store.saveConfirmed();
  await store.saveCounters();
  await store.saveIntents();
}
