import { forEachConcurrent } from "./concurrency.ts";
import type { AccountPlan, Candidate } from "./decide.ts";
import { getMagnet, noteFound } from "./get-magnet.ts";
import { isOtherTorrent, type Magnet, normalizeHash } from "./magnet.ts";
import { protectedBy } from "./protection.ts";
import type { Deletion, Intent } from "./records.ts";
import { finishDeletions, isUploadedAgain, LOST, recordDeletion, settleGone } from "./settle-intents.ts";
import { nameIn, type Sighting, showsFailing } from "./sighting.ts";
import {
  type AccountSweep,
  accountFailed,
  forgetMagnet,
  knownFrom,
  noteNotStarted,
  noteResult,
  type SweepContext,
  saveMagnets,
} from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";
import { tryToDelete } from "./try-to-delete.ts";

/** Deletions of one account under way at once. */
const CONCURRENCY = 10;

/** The deletions of one account in one sweep. */
interface Deletions {
  readonly plan: AccountPlan;
  readonly done: Deletion[];
  /** Why nothing more is sent to this account. */
  ended?: string;
}

/**
 * Deletes what is due. Each magnet is asked for by id right before; each intent is on disk before its request, each
 * outcome as soon as it is known (contract, Counting 4 to 8). A deletion that failed is tried again by the next sweep.
 */
export async function deleteMagnets(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
): Promise<void> {
  if (plan.deletions.length === 0) return;
  const deletions: Deletions = { plan, done: [] };
  await forEachConcurrent(plan.deletions, CONCURRENCY, async (id) => {
    await deleteMagnet(ctx, account, deletions, id);
    ctx.progress?.deleted(1);
  });
  await finishDeletions(ctx, deletions.done);
  await saveMagnets(ctx);
}

async function deleteMagnet(
  ctx: SweepContext,
  account: AccountSweep,
  deletions: Deletions,
  id: string,
): Promise<void> {
  const candidate = deletions.plan.candidates.get(id);
  if (!candidate) return;
  const fail = (reason: string, log?: "counted") =>
    deletionFailed(ctx, account, deletions.plan, id, reason, log);
  if (ctx.stopping.signal.aborted) return noteNotStarted(ctx, account, deletions.plan, id);
  if (deletions.ended !== undefined) return fail(`not tried: ${deletions.ended}`, "counted");

  const answer = await getMagnet(ctx, account, id, { beforeDeletion: true });
  if (answer.kind === "silent") {
    if (ctx.stopping.signal.aborted) return noteNotStarted(ctx, account, deletions.plan, id);
    if (answer.ends) deletions.ended ??= answer.message;
    return fail(`AllDebrid did not say whether it still fails: ${answer.message}`);
  }
  const { record, sighting, confirmed } = candidate;
  if (answer.kind === "gone") {
    // The list that showed it is an old copy.
    if (!confirmed) await settleGone(ctx, account, deletions, id);
    return;
  }
  const reason = notToDelete(answer.magnet, sighting, record.hash);
  if (reason !== undefined) {
    const intent = ctx.store.intents.get(id);
    const isOther = isOtherTorrent(intent?.hash, answer.magnet.hash);
    if (intent && isOther) deletions.done.push(await recordDeletion(ctx, account, intent, LOST));
    if (isOtherTorrent(record.hash, answer.magnet.hash)) ctx.store.confirmed.delete(id);
    const condition = noteFound(ctx, account, answer.magnet);
    if (ctx.store.counters.has(id)) {
      if (condition === "processing") noteResult(ctx, account, { id, action: "held", reason });
      else fail(reason);
    }
    return;
  }
  const protection = protectedBy(ctx.policy.protect, answer.magnet, record);
  if (protection !== undefined) {
    // The list did not show the name by which it is protected: the next sweep knows it.
    record.filename = nameIn(answer.magnet) ?? record.filename ?? "";
    noteFound(ctx, account, answer.magnet);
    return noteResult(ctx, account, { id, action: "held", reason: protection });
  }
  if (confirmed) return deleteAgain(ctx, account, deletions, answer.magnet);
  await sendDeletion(ctx, account, deletions, id, answer.magnet);
}

/** Why a magnet that was found by id must not be deleted; nothing when it fails and is the one that was counted. */
function notToDelete(found: Magnet, sighting: Sighting, hash: string | undefined): string | undefined {
  if (isOtherTorrent(hash, found.hash)) return "the id now belongs to another torrent";
  const isKnown = normalizeHash(hash ?? "") !== undefined;
  if (isKnown && found.hash === undefined) return "AllDebrid's response does not show its hash: not deleted";
  return showsFailing(found, sighting) ? undefined : "by its id it does not fail any more: not deleted";
}

async function sendDeletion(
  ctx: SweepContext,
  account: AccountSweep,
  deletions: Deletions,
  id: string,
  found: Magnet,
): Promise<void> {
  const { store } = ctx;
  const earlier = store.intents.get(id);
  const intent = intentFor(ctx, account, deletions.plan, id, found, earlier?.key);
  store.intents.set(id, intent);
  await store.saveIntents();
  const result = await tryToDelete(ctx, account, id);
  const isDoubtful = earlier !== undefined || result.lost;
  const fail = (reason: string) => deletionFailed(ctx, account, deletions.plan, id, reason);
  switch (result.kind) {
    case "deleted": {
      const reason = deletions.plan.decisions.get(id)?.reason ?? "";
      deletions.done.push(await recordDeletion(ctx, account, intent, reason, true));
      return;
    }
    case "gone":
      if (isDoubtful) deletions.done.push(await recordDeletion(ctx, account, intent, LOST));
      else {
        store.intents.delete(id);
        forgetMagnet(ctx, account, id, "it was already gone: somebody else deleted it");
      }
      return;
    case "refused":
      // A refusal ends only the attempt that it answers.
      if (!isDoubtful) store.intents.delete(id);
      else if (earlier && !result.lost)
        store.intents.set(id, { ...intent, requested_at: earlier.requested_at });
      if (result.code === "" && ctx.stopping.signal.aborted) {
        return noteNotStarted(ctx, account, deletions.plan, id);
      }
      if (result.account) {
        accountFailed(ctx, account, `deleting: ${result.message}`);
        deletions.ended ??= result.message;
      }
      return fail(result.message);
    case "lost":
      if (ctx.stopping.signal.aborted) {
        const reason =
          "stopped before the response to its deletion: the next sweep finds out whether it is gone";
        return noteNotStarted(ctx, account, deletions.plan, id, reason);
      }
      if (result.code === "") deletions.ended ??= result.message;
      return fail(`it may have been deleted or not, the next sweep finds out: ${result.message}`);
  }
}

/**
 * A magnet whose deletion AllDebrid confirmed and that is still there: its deletion is sent once a sweep, and never
 * recorded or announced again (contract, Counting 8).
 */
async function deleteAgain(
  ctx: SweepContext,
  account: AccountSweep,
  deletions: Deletions,
  found: Magnet,
): Promise<void> {
  const { id } = found;
  const entry = ctx.store.confirmed.get(id);
  if (!entry) return;
  // The list that showed it before its upload is an old copy.
  if (isUploadedAgain(entry, found)) return void ctx.store.confirmed.delete(id);
  entry.still_there = ctx.now().toISOString();
  const result = await tryToDelete(ctx, account, id);
  if (result.kind === "refused" && result.account) deletions.ended ??= result.message;
  const what = describeMagnet(id, entry.record.filename);
  const again = result.kind === "refused" ? `it was refused now: ${result.message}` : "it was sent once more";
  const line = `${account.name}: AllDebrid confirmed the deletion of ${what} on ${entry.deleted_at.slice(0, 10)}, and it is still there; ${again}. If it stays, delete it at https://alldebrid.com/magnets`;
  ctx.log.warning(line);
  ctx.attention.push(line);
}

function intentFor(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
  id: string,
  found: Magnet,
  key = ctx.newKey(),
): Intent {
  const { record } = plan.candidates.get(id) as Candidate;
  const { filename, size, status_text, failing_since } = record;
  const hash = record.hash ?? found.hash;
  const hasLink = hash !== undefined && normalizeHash(hash) !== undefined;
  return {
    key,
    id,
    account: account.name,
    fingerprint: account.id,
    requested_at: ctx.now().toISOString(),
    status: record.last_status,
    fails: record.fails,
    max_retries: plan.decisions.get(id)?.maxRetries ?? record.fails,
    ...(filename !== undefined && { filename }),
    ...(size !== undefined && { size }),
    ...(status_text !== undefined && { status_text }),
    ...(failing_since !== undefined && { failing_since }),
    ...(hash !== undefined && { hash }),
    ...(found.uploadedAt && { uploaded_at: found.uploadedAt.toISOString() }),
    ...(hasLink && { magnet: `magnet:?xt=urn:btih:${hash}` }),
  };
}

/** A deletion that failed. Of many that are not tried for one reason, the log has only a count. */
function deletionFailed(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
  id: string,
  reason: string,
  log?: "counted",
): void {
  const known = knownFrom(plan, id);
  const counted = log && { label: `not deleted, ${reason}`, always: true };
  noteResult(ctx, account, { id, action: "failed", reason, level: "warning", known, counted });
  ctx.attention.push(`${account.name}: ${describeMagnet(id, known.filename)} was not deleted`);
}
