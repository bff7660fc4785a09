import { forEachConcurrent } from "./concurrency.ts";
import type { PlannedMagnet } from "./decide.ts";
import { getMagnet, noteFound } from "./get-magnet.ts";
import { isOtherTorrent, type Magnet, normalizeHash } from "./magnet.ts";
import type { DeleteOutcome } from "./ports.ts";
import { protectedBy } from "./protection.ts";
import type { Intent } from "./records.ts";
import { finishDeletions, isUploadedAgain, recordDeletion, settleGone } from "./settle-intents.ts";
import { nameIn, showsFailing } from "./sighting.ts";
import {
  type Account,
  accountFailed,
  forgetMagnet,
  noteNotStarted,
  noteResult,
  type Sweep,
  saveMagnets,
} from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";

/** Deletions of one account under way at once. */
const CONCURRENCY = 10;
const REUSED = "the id now belongs to another torrent";

/**
 * Deletes what is due. Each magnet is asked for by id right before, since a list may be an old copy; each intent is on
 * disk before its request, each outcome as soon as it is known. A deletion that failed is tried again by the next sweep.
 */
export async function deleteMagnets(ctx: Sweep, account: Account): Promise<void> {
  const { magnets, deletions } = account.plan;
  if (deletions.length === 0) return;
  await forEachConcurrent(deletions, CONCURRENCY, async (id) => {
    const planned = magnets.get(id);
    if (planned) await deleteMagnet(ctx, account, id, planned);
    ctx.progress?.deleted(1);
  });
  await finishDeletions(ctx, account);
  await saveMagnets(ctx);
}

async function deleteMagnet(ctx: Sweep, account: Account, id: string, planned: PlannedMagnet): Promise<void> {
  if (ctx.stopping.signal.aborted) return noteNotStarted(ctx, account, id);
  if (account.deletionsEnded !== undefined) {
    return deletionFailed(ctx, account, id, `not tried: ${account.deletionsEnded}`, "counted");
  }
  const answer = await getMagnet(ctx, account, id, { beforeDeletion: true });
  if (answer.kind === "silent") {
    if (ctx.stopping.signal.aborted) return noteNotStarted(ctx, account, id);
    if (answer.ends) account.deletionsEnded ??= answer.message;
    const reason = `AllDebrid did not say whether it still fails: ${answer.message}`;
    return deletionFailed(ctx, account, id, reason);
  }
  const { record, stillThere } = planned;
  if (answer.kind === "gone") {
    // The list that showed it is an old copy.
    if (!stillThere) await settleGone(ctx, account, id);
    return;
  }
  const found = answer.magnet;
  const intent = ctx.store.intents.get(id);
  const isReused = isOtherTorrent(intent?.hash, found.hash);
  const reason = isReused ? REUSED : notToDelete(found, planned);
  if (reason !== undefined) {
    if (intent && isReused) await recordDeletion(ctx, account, intent);
    if (isOtherTorrent(record.hash, found.hash)) ctx.store.confirmed.delete(id);
    const condition = noteFound(ctx, account, found);
    if (!ctx.store.counters.has(id)) return;
    if (condition !== "processing") return deletionFailed(ctx, account, id, reason);
    return noteResult(ctx, account, { id, action: "held", reason });
  }
  const protection = protectedBy(ctx.policy.protect, found, record);
  if (protection !== undefined) {
    // The list did not show the name by which it is protected: the next sweep knows it.
    record.filename = nameIn(found) ?? record.filename ?? "";
    noteFound(ctx, account, found);
    return noteResult(ctx, account, { id, action: "held", reason: protection });
  }
  if (stillThere) return deleteAgain(ctx, account, found);
  await sendDeletion(ctx, account, planned, found);
}

/** Why a magnet that was found by id must not be deleted; nothing when it fails and is the one that was counted. */
function notToDelete(found: Magnet, { sighting, record: { hash } }: PlannedMagnet): string | undefined {
  if (isOtherTorrent(hash, found.hash)) return REUSED;
  const isKnown = normalizeHash(hash) !== undefined;
  if (isKnown && found.hash === undefined) return "AllDebrid's response does not show its hash: not deleted";
  return showsFailing(found, sighting) ? undefined : "by its id it does not fail any more: not deleted";
}

async function sendDeletion(
  ctx: Sweep,
  account: Account,
  planned: PlannedMagnet,
  found: Magnet,
): Promise<void> {
  const { store, stopping } = ctx;
  const { id } = found;
  const earlier = store.intents.get(id);
  const intent = intentFor(ctx, account, planned, found, earlier?.key);
  store.intents.set(id, intent);
  await store.saveIntents();
  const result = await tryToDelete(ctx, account, id);
  const isDoubtful = earlier !== undefined || result.lost;
  switch (result.kind) {
    case "deleted":
      return recordDeletion(ctx, account, intent, planned.decision.reason);
    case "gone":
      if (isDoubtful) return recordDeletion(ctx, account, intent);
      store.intents.delete(id);
      return forgetMagnet(ctx, account, id, "it was already gone: somebody else deleted it");
    case "refused":
      // A refusal ends only the attempt that it answers.
      if (!isDoubtful) store.intents.delete(id);
      else if (earlier && !result.lost)
        store.intents.set(id, { ...intent, requested_at: earlier.requested_at });
      if (result.code === "" && stopping.signal.aborted) return noteNotStarted(ctx, account, id);
      if (result.account) {
        accountFailed(ctx, account, `deleting: ${result.message}`);
        account.deletionsEnded ??= result.message;
      }
      return deletionFailed(ctx, account, id, result.message);
    case "lost": {
      const next = "the next sweep finds out";
      if (stopping.signal.aborted) {
        const reason = `stopped before the response to its deletion: ${next} whether it is gone`;
        return noteNotStarted(ctx, account, id, reason);
      }
      if (result.code === "") account.deletionsEnded ??= result.message;
      const reason = `it may have been deleted or not, ${next}: ${result.message}`;
      return deletionFailed(ctx, account, id, reason);
    }
  }
}

/** Attempts at one deletion in a sweep. */
const ATTEMPTS = 4;
/** Doubled with each further attempt. */
const FIRST_WAIT_MS = 500;
/** A server that asks for more is left to the next sweep. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Sends a deletion until its response says what became of it. `lost`: one of the attempts may have been carried out
 * unseen. Then *gone* means that it was deleted here, and a refusal says nothing about the lost attempt.
 */
async function tryToDelete(
  ctx: Sweep,
  { name, client }: Account,
  id: string,
): Promise<DeleteOutcome & { readonly lost: boolean }> {
  let lost = false;
  for (let attempt = 1; ; attempt++) {
    const outcome = await client.delete(id);
    if (outcome.kind === "deleted" || outcome.kind === "gone") return { ...outcome, lost };
    lost ||= outcome.kind === "lost";
    const { message, retry } = outcome;
    const waitMs = Math.max(retry?.afterMs ?? 0, FIRST_WAIT_MS * 2 ** (attempt - 1));
    if (!retry || attempt >= ATTEMPTS || waitMs > LONGEST_WAIT_MS) return { ...outcome, lost };
    ctx.log.debug(`${name}: deleting magnet ${id}: ${message}; next attempt in ${waitMs} ms`);
    await ctx.sleep(waitMs);
    if (ctx.stopping.signal.aborted) return { ...outcome, lost };
  }
}

/** A magnet whose deletion AllDebrid confirmed and that is still there: never recorded or announced again. */
async function deleteAgain(ctx: Sweep, account: Account, found: Magnet): Promise<void> {
  const { id } = found;
  const entry = ctx.store.confirmed.get(id);
  if (!entry) return;
  // The list shows it as it was before it was uploaded again.
  if (isUploadedAgain(entry, found)) return void ctx.store.confirmed.delete(id);
  entry.still_there = ctx.now().toISOString();
  const result = await tryToDelete(ctx, account, id);
  if (result.kind === "refused" && result.account) account.deletionsEnded ??= result.message;
  const again = result.kind === "refused" ? `it was refused now: ${result.message}` : "it was sent once more";
  noteStillThere(ctx, account, id, again);
}

export function noteStillThere(ctx: Sweep, { name }: Account, id: string, again: string): void {
  const { record, deleted_at = "" } = ctx.store.confirmed.get(id) ?? {};
  const what = describeMagnet(id, record?.filename);
  const line = `${name}: AllDebrid confirmed the deletion of ${what} on ${deleted_at.slice(0, 10)}, and it is still there; ${again}. If it stays, delete it at https://alldebrid.com/magnets`;
  ctx.log.warning(line);
  ctx.attention.push(line);
}

function intentFor(
  ctx: Sweep,
  account: Account,
  { record, decision }: PlannedMagnet,
  found: Magnet,
  key = ctx.newKey(),
): Intent {
  const { fails, last_status: status, filename, size, status_text, failing_since } = record;
  const hash = record.hash ?? found.hash;
  return {
    key,
    id: found.id,
    account: account.name,
    fingerprint: account.id,
    requested_at: ctx.now().toISOString(),
    status,
    fails,
    max_retries: decision.maxRetries,
    filename,
    size,
    status_text,
    failing_since,
    hash,
    uploaded_at: found.uploadedAt?.toISOString(),
    magnet: normalizeHash(hash) && `magnet:?xt=urn:btih:${hash}`,
  };
}

/** A deletion that failed. Of many that are not tried for one reason, the log has only a count. */
function deletionFailed(ctx: Sweep, account: Account, id: string, reason: string, log?: "counted"): void {
  const counted = log && { label: `not deleted, ${reason}`, always: true };
  noteResult(ctx, account, { id, action: "failed", reason, level: "warning", counted });
  const filename = account.plan.magnets.get(id)?.record.filename;
  ctx.attention.push(`${account.name}: ${describeMagnet(id, filename)} was not deleted`);
}
