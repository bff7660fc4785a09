import { chunks, forEachConcurrent } from "./concurrency.ts";
import type { AccountPlan } from "./decide.ts";
import { getMagnet } from "./get-magnet.ts";
import { normalizeHash } from "./magnet.ts";
import type { Deletion, Intent } from "./records.ts";
import { limitOf } from "./sighting.ts";
import {
  type AccountSweep,
  accountFailed,
  forgetMagnet,
  noteResult,
  queueNotices,
  type SweepContext,
} from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";

/** Intents without an outcome that a killed sweep can leave: fewer than the next sweep may ask for by id. */
const CHUNK = 40;
/** Deletions of one account under way at once: as many as the API takes in a second. */
const CONCURRENCY = 12;

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
  /** Why nothing more is sent to this account. */
  let ended: string | undefined;
  const deleteOne = async (intent: Intent) => {
    const { id } = intent;
    if (ctx.stopping.signal.aborted) ended ??= "the sweep is being stopped";
    if (ended !== undefined) {
      ctx.store.intents.delete(id);
      return deletionFailed(ctx, account, intent, `not tried: ${ended}`);
    }
    const outcome = await settleAtOnce(ctx, account, id, await tryToDelete(ctx, account, id));
    if (outcome.kind === "deleted") {
      deleted.push(await recordDeletion(ctx, account, intent, plan.decisions.get(id)?.reason));
      return;
    }
    if (outcome.kind === "unknown") {
      // The intent stays: the next sweep settles it.
      ended ??= outcome.message;
      const reason = `the response was lost, the next sweep finds out what happened: ${outcome.message}`;
      return deletionFailed(ctx, account, intent, reason);
    }
    if (outcome.kind === "gone") {
      forgetMagnet(ctx, account, id, "it was already gone: somebody else deleted it");
    } else {
      deletionFailed(ctx, account, intent, outcome.message);
      if (outcome.account) {
        accountFailed(ctx, account, `deleting: ${outcome.message}`);
        ended ??= outcome.message;
      }
    }
    ctx.store.intents.delete(id);
    await ctx.store.saveIntents();
  };
  for (const chunk of chunks(plan.deletions, CHUNK)) {
    const intents = chunk.map((id) => intentFor(ctx, account, id));
    if (ended === undefined && !ctx.stopping.signal.aborted) {
      for (const intent of intents) ctx.store.intents.set(intent.id, intent);
      await ctx.store.saveIntents();
    }
    await forEachConcurrent(intents, CONCURRENCY, async (intent) => {
      await deleteOne(intent);
      ctx.progress?.deleted(1);
    });
  }
  await finishDeletions(ctx, deleted);
}

function intentFor(ctx: SweepContext, account: AccountSweep, id: string): Intent {
  const record = ctx.store.counters.get(id);
  const { status, maxRetries } = limitOf(record, ctx.policy);
  const { filename, size, status_text, failing_since, hash } = record ?? {};
  const hasLink = hash !== undefined && normalizeHash(hash) !== undefined;
  return {
    key: ctx.newKey(),
    id,
    account: account.client.name,
    fingerprint: account.client.fingerprint,
    requested_at: ctx.now().toISOString(),
    status,
    fails: record?.fails ?? 0,
    max_retries: maxRetries,
    ...(filename !== undefined && { filename }),
    ...(size !== undefined && { size }),
    ...(status_text !== undefined && { status_text }),
    ...(failing_since !== undefined && { failing_since }),
    ...(hash !== undefined && { hash }),
    ...(hasLink && { magnet: `magnet:?xt=urn:btih:${hash}` }),
  };
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
      if (!ctx.stopping.signal.aborted) continue;
    }
    return outcome.kind === "refused" && !lost ? outcome : { kind: "unknown", message };
  }
}

/** A lost response is settled at once where asking by id brings the truth. */
async function settleAtOnce(
  ctx: SweepContext,
  account: AccountSweep,
  id: string,
  result: Result,
): Promise<Result> {
  if (result.kind !== "unknown") return result;
  const answer = await getMagnet(ctx, account, id);
  if (answer.kind === "gone") return { kind: "deleted" };
  if (answer.kind === "silent") return result;
  return { kind: "refused", message: `it is still there: ${result.message}`, account: false };
}

function deletionFailed(ctx: SweepContext, account: AccountSweep, intent: Intent, reason: string): void {
  const { id, filename } = intent;
  noteResult(ctx, account, { id, action: "failed", reason, level: "warning", known: intent });
  ctx.attention.push(`${account.client.name}: ${describeMagnet(id, filename)} was not deleted`);
}

/**
 * Settles the deletions of earlier sweeps whose outcome is not known. Listed or found: nothing happened.
 * `MAGNET_INVALID_ID`: it was deleted here, so it is recorded and announced. No response: it waits.
 */
export async function settleIntents(
  ctx: SweepContext,
  account: AccountSweep,
  listed: readonly string[],
): Promise<void> {
  if (account.unanswered.size === 2) return;
  const isSwept = (fingerprint: string) => ctx.clients.some((client) => client.fingerprint === fingerprint);
  const isListed = new Set(listed);
  // Where the key was replaced since, the new one that lists the magnet knows, too.
  const open = [...ctx.store.intents.values()].filter(
    ({ id, fingerprint }) =>
      fingerprint === account.client.fingerprint || (!isSwept(fingerprint) && isListed.has(id)),
  );
  const deleted: Deletion[] = [];
  for (const intent of open) {
    const answer = isListed.has(intent.id) ? "found" : (await getMagnet(ctx, account, intent.id)).kind;
    // Another key of the account may have started a new deletion of it meanwhile.
    if (ctx.store.intents.get(intent.id) !== intent) continue;
    if (answer === "found") ctx.store.intents.delete(intent.id);
    if (answer === "gone") deleted.push(await recordDeletion(ctx, account, intent));
  }
  if (open.length > 0) await finishDeletions(ctx, deleted);
}

/** Puts a confirmed deletion on disk and into the report. */
async function recordDeletion(
  ctx: SweepContext,
  account: AccountSweep,
  intent: Intent,
  reason = "the deletion that an earlier sweep started is confirmed",
): Promise<Deletion> {
  const { requested_at: _, ...details } = intent;
  const deletion: Deletion = { ...details, deleted_at: ctx.now().toISOString() };
  await ctx.store.appendDeletion(deletion);
  if (!ctx.dryRun) {
    ctx.log.debug(
      `${account.client.name}: recorded the deletion of ${describeMagnet(intent.id, intent.filename)}`,
    );
  }
  noteResult(ctx, account, { id: intent.id, action: "deleted", reason, known: intent });
  return deletion;
}

/**
 * Carries deletions that `deletions.jsonl` already holds over into the other files. The order matters: the notice is
 * on disk before the counter is forgotten, and the intent goes last, so that a sweep killed in between is taken up by
 * doing the same again. Nothing is sent before this is done, so a second time finds its notices still in the outbox
 * and adds none twice.
 */
async function finishDeletions(ctx: SweepContext, deletions: readonly Deletion[]): Promise<void> {
  const { store } = ctx;
  await queueNotices(
    ctx,
    deletions.map((deletion) => ({ kind: "deletion", ...deletion })),
  );
  for (const { id } of deletions) store.counters.delete(id);
  await store.saveCounters();
  for (const { id, key } of deletions) if (store.intents.get(id)?.key === key) store.intents.delete(id);
  await store.saveIntents();
}

/** Takes up a sweep that was killed between recording a deletion and finishing it. */
export async function finishRecordedDeletions(ctx: SweepContext): Promise<void> {
  if (ctx.store.intents.size === 0) return;
  const keys = new Set([...ctx.store.intents.values()].map(({ key }) => key));
  const recorded = (await ctx.store.readDeletions()).filter(({ key }) => keys.has(key));
  if (recorded.length > 0) await finishDeletions(ctx, recorded);
}
