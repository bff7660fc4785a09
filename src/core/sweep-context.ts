import type { AccountPlan } from "./decide.ts";
import type { WatchedClient } from "./evidence.ts";
import { type FailingStatus, normalizeHash } from "./magnet.ts";
import type { AccountClient, Log, Progress, Store } from "./ports.ts";
import type { Deletion, Intent, Notice } from "./records.ts";
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
  /** Magnets listed by one account and owned by another that is configured. */
  readonly foreign: { readonly id: string; readonly account: Account }[];
  /** Of a dry run: the entries of `protect` that match nothing so far. */
  unmatched: readonly string[];
  /** What makes the exit code 3: one line each. */
  readonly attention: string[];
}

interface MagnetOutcome extends Pick<MagnetResult, "id" | "action" | "reason" | "restarted" | "waits"> {
  /** Default: info. */
  readonly level?: "warning";
  /** The log only counts it, under this label: `always`, or where the last sweep used the same label. */
  readonly counted?: { readonly label: string; readonly always?: boolean } | undefined;
  /** The deletion that this is the outcome of: it may be of an earlier sweep, and the counter gone. */
  readonly intent?: Intent;
}

/** Questions by id for each account and sweep, and how many of them are kept for what is tracked. */
const QUESTIONS = 50;
export const KEPT_FOR_TRACKED = 25;

/** One account in one sweep. */
export class Account {
  readonly sweep: Sweep;
  /** Its id in `accounts.json`. */
  readonly id: string;
  /** Whether `/v4/user` has named its user; a key whose user is not known is an account of its own. */
  readonly known: boolean;
  readonly name: string;
  /** One for each of its keys; the first whose lists answer is used. */
  readonly clients: WatchedClient[];
  /** The one in use. */
  client: WatchedClient;
  /** Failures of the account or of whole requests, a line each. */
  readonly errors: string[] = [];
  readonly unanswered = new Set<FailingStatus>();
  /** Questions by id that are left; see `getMagnet`. */
  questions = QUESTIONS;
  failedQuestions = 0;
  /** What was decided; empty before that. */
  plan: AccountPlan = { magnets: new Map(), restarts: [], deletions: [] };
  /** Why no further deletion is sent to it in this sweep. */
  deletionsEnded?: string;
  /** Deletions that are on record and not finished: see `finishDeletions`. */
  readonly recorded: Deletion[] = [];
  /** What the log counts instead of writing a line for each magnet. */
  readonly #counted = new Map<string, number>();

  constructor(sweep: Sweep, id: string, client: WatchedClient) {
    this.sweep = sweep;
    this.id = id;
    this.known = id !== client.fingerprint;
    this.name = client.name;
    this.clients = [client];
    this.client = client;
  }

  /** Nothing new may start. */
  get isStopped(): boolean {
    return this.sweep.stopping.signal.aborted;
  }

  /** Neither failing list answered. */
  get isSilent(): boolean {
    return this.unanswered.size === 2;
  }

  /** Notes a failure of the account or of a whole request; the same line once. */
  noteFailure(message: string): void {
    // What a stopped sweep cuts short is nobody's trouble.
    if (this.isStopped || this.errors.includes(message)) return;
    this.errors.push(message);
    this.sweep.log.error(`${this.name}: ${message}`);
  }

  /** Notes what happened to a magnet; the log has a line if something changed, else a count. Dry run: at debug only. */
  note(outcome: MagnetOutcome): void {
    const { id, action, reason, level = "info", intent, counted, restarted, waits } = outcome;
    const { store, results, policy, dryRun, log } = this.sweep;
    const record = store.counters.get(id);
    const planned = this.plan.magnets.get(id);
    // The counter may be forgotten already.
    const known = record ?? planned?.record;
    const filename = known?.filename ?? intent?.filename ?? null;
    results.set(id, {
      id,
      account: this.name,
      filename,
      status: known?.last_status ?? intent?.status ?? "error",
      fails: known?.fails ?? intent?.fails ?? 0,
      max_retries:
        intent?.max_retries ?? planned?.decision.maxRetries ?? policy.maxRetries[lastStatus(known)],
      action,
      reason,
      ...(restarted && { restarted }),
      ...(waits && { waits }),
    });
    const isSame = counted && (counted.always || record?.outcome === counted.label);
    if (record && counted) record.outcome = counted.label;
    else if (record) delete record.outcome;
    if (isSame) this.#counted.set(counted.label, (this.#counted.get(counted.label) ?? 0) + 1);
    const line = `${this.name}: ${describeMagnet(id, filename)} ${dryRun ? "would be " : ""}${action}: ${reason}`;
    log[isSame || dryRun ? "debug" : level](line);
  }

  /** Notes that nothing was started, or finished, for a magnet since the sweep was stopped: not a failure. */
  noteNotStarted(id: string, reason = "not started: the sweep was stopped"): void {
    const counted = { label: "not started, since the sweep was stopped", always: true };
    this.note({ id, action: "held", reason, waits: "next sweep", counted });
  }

  /** Logs what was counted, one line for each label. */
  logCounted(): void {
    for (const [label, count] of this.#counted) this.sweep.log.info(`${this.name}: ${count} ${label}`);
    this.#counted.clear();
  }

  /** Forgets the counter of a magnet that needs none any more. Not saved yet. */
  forget(id: string, reason: string): void {
    if (!this.sweep.store.counters.has(id)) return;
    this.note({ id, action: "forgotten", reason });
    this.sweep.store.counters.delete(id);
  }

  /** Moves what is known of a magnet's deletions to this account, which lists it. Not saved yet. */
  takeOver(id: string): void {
    const { intents, confirmed } = this.sweep.store;
    for (const deletion of [intents.get(id), confirmed.get(id)]) if (deletion) deletion.fingerprint = this.id;
  }
}

/** The id of the account that a magnet is known to be of. */
export function ownerOf({ store: { counters, intents, confirmed } }: Sweep, id: string): string | undefined {
  return counters.get(id)?.account ?? intents.get(id)?.fingerprint ?? confirmed.get(id)?.fingerprint;
}

/** Queues notices for Discord, on disk when this returns. */
export async function queueNotices({ announce, store }: Sweep, notices: readonly Notice[]): Promise<void> {
  if (!announce || notices.length === 0) return;
  enqueue(store.outbox.pending, notices);
  await store.saveOutbox();
}

/** Queues deletions for each Sonarr and Radarr, on disk when this returns. Without a hash nobody can find a grab. */
export async function queueForArrs(ctx: Sweep, deletions: readonly Deletion[]): Promise<void> {
  const { arrs = [], dryRun, store } = ctx;
  const tasks = deletions.flatMap(({ key: deletion, id, hash: given, filename, account, deleted_at }) => {
    const hash = normalizeHash(given);
    if (hash === undefined) return [];
    const task = { deletion, id, hash, account, deleted_at, filename };
    return arrs.map((server) => ({ key: `${deletion} ${server}`, server, ...task }));
  });
  if (dryRun || tasks.length === 0) return;
  enqueue(store.arrs.pending, tasks);
  await store.saveArrs();
}

/** Adds what is not queued already. */
function enqueue<T extends { readonly key: string }>(queue: T[], items: readonly T[]): void {
  const queued = new Set(queue.map(({ key }) => key));
  queue.push(...items.filter(({ key }) => !queued.has(key)));
}

/** Saves all that is kept of magnets; intents last, so that a sweep killed in between is repeated by the next. */
export async function saveMagnets({ store }: Sweep): Promise<void> {
  await store.saveConfirmed();
  await store.saveCounters();
  await store.saveIntents();
}
