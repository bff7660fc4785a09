import { chunks, sideBySide } from "./concurrency.ts";
import type { AccountPlan } from "./decide.ts";
import { askById } from "./get-magnet.ts";
import { normalizeHash } from "./magnet.ts";
import type { Deletion, Intent } from "./records.ts";
import { limitOf, type Sightings } from "./sighting.ts";
import {
  type AccountSweep,
  accountFailed,
  describe,
  noteResult,
  type SweepContext,
} from "./sweep-context.ts";

/**
 * Carries deletions that `deletions.jsonl` already holds over into the other files. The order matters: the
 * announcement is on disk before the counter is forgotten, and the intent goes last, so that a sweep killed
 * in between is taken up by folding the same deletions again. Nothing is sent before this is done, so a
 * second folding finds its notices still in the outbox and adds none twice.
 */
export async function foldDeletions(ctx: SweepContext, deletions: readonly Deletion[]): Promise<void> {
  const { store } = ctx;
  if (ctx.announce) {
    const queued = new Set(store.outbox.pending.map((notice) => notice.key));
    for (const deletion of deletions) {
      if (!queued.has(deletion.key)) store.outbox.pending.push({ kind: "deletion", ...deletion });
    }
    await store.saveOutbox();
  }
  for (const { id } of deletions) store.counters.delete(id);
  await store.saveCounters();
  for (const { id, key } of deletions) if (store.intents.get(id)?.key === key) store.intents.delete(id);
  await store.saveIntents();
}

/** Takes up a sweep that was killed between a deletion's record and its folding. */
export async function foldRecordedDeletions(ctx: SweepContext): Promise<void> {
  if (ctx.store.intents.size === 0) return;
  const keys = new Set([...ctx.store.intents.values()].map((intent) => intent.key));
  const recorded = (await ctx.store.readDeletions()).filter((deletion) => keys.has(deletion.key));
  if (recorded.length > 0) await foldDeletions(ctx, recorded);
}

/**
 * Settles the deletions of earlier sweeps whose outcome is not known. Listed or found: nothing happened.
 * `MAGNET_INVALID_ID`: it was deleted here, so it is recorded and announced. No answer: it waits.
 */
export async function settleIntents(
  ctx: SweepContext,
  account: AccountSweep,
  { failing, contradictory }: Sightings,
): Promise<void> {
  if (account.unanswered.size === 2) return;
  const { fingerprint } = account.client;
  const listed = new Set([...failing.keys(), ...contradictory.map((magnet) => magnet.id)]);
  // Where the key was replaced since, the new one that lists the magnet knows, too.
  const open = [...ctx.store.intents.values()].filter(
    (intent) =>
      intent.fingerprint === fingerprint || (!ctx.swept.has(intent.fingerprint) && listed.has(intent.id)),
  );
  if (open.length === 0) return;
  const deleted: Deletion[] = [];
  for (const intent of open) {
    const answer = listed.has(intent.id) ? "found" : (await askById(ctx, account, intent.id)).kind;
    // Another key of the account may have begun a new deletion of it meanwhile.
    if (ctx.store.intents.get(intent.id) !== intent) continue;
    if (answer === "found") ctx.store.intents.delete(intent.id);
    if (answer === "gone") deleted.push(await recordDeletion(ctx, account, intent));
  }
  await foldDeletions(ctx, deleted);
}

/** Puts a confirmed deletion on disk and into the report. */
export async function recordDeletion(
  ctx: SweepContext,
  account: AccountSweep,
  intent: Intent,
  reason = "the deletion begun by an earlier sweep is confirmed",
): Promise<Deletion> {
  const deletion = { ...intent, deleted_at: ctx.now().toISOString() };
  await ctx.store.appendDeletion(deletion);
  const { id, max_retries: maxRetries } = intent;
  noteResult(ctx, account, { id, maxRetries, action: "deleted", reason, known: intent });
  if (ctx.dryRun) return deletion;
  ctx.log.debug(`${account.client.name}: recorded the deletion of ${describe(intent.id, intent.filename)}`);
  return deletion;
}

/** Intents without an outcome that a killed sweep can leave: fewer than the next sweep may ask for by id. */
const CHUNK = 40;
/** Deletions of one account under way at once: as many as the API takes in a second. */
const WIDTH = 12;

/**
 * Deletes what is due. Each intent is on disk before its request, each outcome as soon as it is known.
 * A deletion that failed keeps its counter and is tried again by the next sweep.
 */
export async function deleteMagnets(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
): Promise<void> {
  if (plan.deletions.length === 0) return;
  const deleted: Deletion[] = [];
  let ended: string | undefined;
  const deleteOne = async (intent: Intent) => {
    if (ctx.stopping.aborted) ended ??= "the sweep is being stopped";
    if (ended !== undefined) {
      ctx.store.intents.delete(intent.id);
      return failed(ctx, account, intent, `not tried: ${ended}`);
    }
    const outcome = await settled(ctx, account, intent.id, await tryToDelete(ctx, account, intent.id));
    if (outcome.kind === "deleted") {
      const reason = plan.decisions.get(intent.id)?.reason;
      deleted.push(await recordDeletion(ctx, account, intent, reason));
    } else if (outcome.kind === "unknown") {
      ended ??= outcome.message;
      failed(
        ctx,
        account,
        intent,
        `the answer was lost, the next sweep asks what became of it: ${outcome.message}`,
      );
    } else {
      if (outcome.kind === "gone") forget(ctx, account, intent);
      else failed(ctx, account, intent, outcome.message);
      if (outcome.kind === "refused" && outcome.account) {
        accountFailed(ctx, account, `deleting: ${outcome.message}`);
        ended ??= outcome.message;
      }
      ctx.store.intents.delete(intent.id);
      await ctx.store.saveIntents();
    }
  };
  for (const chunk of chunks(plan.deletions, CHUNK)) {
    const intents = chunk.map((id) => intentFor(ctx, account, id));
    if (ended === undefined && !ctx.stopping.aborted) {
      for (const intent of intents) ctx.store.intents.set(intent.id, intent);
      await ctx.store.saveIntents();
    }
    await sideBySide(intents, WIDTH, async (intent) => {
      await deleteOne(intent);
      ctx.progress?.deleted(1);
    });
  }
  await foldDeletions(ctx, deleted);
}

function intentFor(ctx: SweepContext, account: AccountSweep, id: string): Intent {
  const record = ctx.store.counters.get(id);
  const { status, maxRetries } = limitOf(record, ctx.policy);
  const intent: Intent = {
    key: ctx.newKey(),
    id,
    account: account.client.name,
    fingerprint: account.client.fingerprint,
    deleted_at: ctx.now().toISOString(),
    status,
    fails: record?.fails ?? 0,
    max_retries: maxRetries,
  };
  if (record?.filename !== undefined) intent.filename = record.filename;
  if (record?.size !== undefined) intent.size = record.size;
  if (record?.status_text !== undefined) intent.status_text = record.status_text;
  if (record?.failing_since !== undefined) intent.failing_since = record.failing_since;
  if (record?.hash !== undefined) intent.hash = record.hash;
  if (record?.hash !== undefined && normalizeHash(record.hash) !== undefined) {
    intent.magnet = `magnet:?xt=urn:btih:${record.hash}`;
  }
  return intent;
}

/** Attempts at one deletion in a sweep; of those that take their whole timeout, two. */
const ATTEMPTS = 4;
const TIMED_OUT_ATTEMPTS = 2;
/** Doubled with each further attempt. */
const FIRST_WAIT_MS = 500;
/** A server that asks for more is left to the next sweep. */
const LONGEST_WAIT_MS = 30_000;

/** What became of a deletion after all attempts at it. */
type Result =
  | { readonly kind: "deleted" }
  /** It was gone before the first attempt: another hand's work. */
  | { readonly kind: "gone" }
  | { readonly kind: "refused"; readonly message: string; readonly account: boolean }
  | { readonly kind: "unknown"; readonly message: string };

/** After a lost response, *gone* means that it was deleted here, and a refusal says nothing about the lost attempt. */
async function tryToDelete(ctx: SweepContext, { client }: AccountSweep, id: string): Promise<Result> {
  let lost = false;
  let timedOut = 0;
  for (let attempt = 1; ; attempt++) {
    const outcome = await client.delete(id);
    if (outcome.kind === "deleted") return outcome;
    if (outcome.kind === "gone") return { kind: lost ? "deleted" : "gone" };
    lost ||= outcome.kind === "lost";
    const { message, retry } = outcome;
    if (retry?.timedOut) timedOut++;
    const waitMs = Math.max(retry?.afterMs ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1));
    if (retry && attempt < ATTEMPTS && timedOut < TIMED_OUT_ATTEMPTS && waitMs <= LONGEST_WAIT_MS) {
      ctx.log.debug(`${client.name}: deleting magnet ${id}: ${message}; next attempt in ${waitMs} ms`);
      await ctx.sleep(waitMs);
      if (!ctx.stopping.aborted) continue;
    }
    return outcome.kind === "refused" && !lost ? outcome : { kind: "unknown", message };
  }
}

/** A lost answer is settled at once where asking by id brings the truth. */
async function settled(
  ctx: SweepContext,
  account: AccountSweep,
  id: string,
  outcome: Result,
): Promise<Result> {
  if (outcome.kind !== "unknown") return outcome;
  const answer = await askById(ctx, account, id);
  if (answer.kind === "gone") return { kind: "deleted" };
  if (answer.kind === "silent") return outcome;
  return { kind: "refused", message: `it is still there: ${outcome.message}`, account: false };
}

function failed(ctx: SweepContext, account: AccountSweep, intent: Intent, reason: string): void {
  const { id, max_retries: maxRetries } = intent;
  noteResult(ctx, account, { id, maxRetries, action: "failed", reason, level: "warning" });
  ctx.attention.push(`${account.client.name}: ${describe(intent.id, intent.filename)} was not deleted`);
}

/** It was gone before the first attempt: another hand deleted it. */
function forget(ctx: SweepContext, account: AccountSweep, intent: Intent): void {
  const reason = "it was already gone: somebody else deleted it";
  noteResult(ctx, account, { id: intent.id, maxRetries: intent.max_retries, action: "forgotten", reason });
  ctx.store.counters.delete(intent.id);
}
