import { askById } from "./ask-by-id.ts";
import type { Deletion, Intent } from "./deletion.ts";
import { foldDeletions } from "./fold-deletions.ts";
import { normalizeHash } from "./info-hash.ts";
import type { AccountPlan } from "./plan-account.ts";
import type { DeleteOutcome } from "./ports.ts";
import { recordDeletion } from "./settle-intents.ts";
import { chunks, sideBySide } from "./side-by-side.ts";
import { limitOf } from "./sighting.ts";
import {
  type AccountSweep,
  accountFailed,
  describe,
  noteResult,
  type SweepContext,
} from "./sweep-context.ts";

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
    const outcome = await settled(ctx, account, intent.id, await account.client.delete(intent.id));
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

/** A lost answer is settled at once where asking by id brings the truth. */
async function settled(
  ctx: SweepContext,
  account: AccountSweep,
  id: string,
  outcome: DeleteOutcome,
): Promise<DeleteOutcome> {
  if (outcome.kind !== "unknown") return outcome;
  const answer = await askById(ctx, account, id);
  if (answer.kind === "gone") return { kind: "deleted" };
  if (answer.kind === "silent") return outcome;
  return { kind: "refused", code: "", message: `it is still there: ${outcome.message}`, account: false };
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
