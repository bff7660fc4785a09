import { forEachConcurrent } from "./concurrency.ts";
import type { PlannedMagnet } from "./decide.ts";
import { getMagnet, noteFound } from "./get-magnet.ts";
import { isOtherTorrent, isUploadedAgain, type Magnet, magnetLink, normalizeHash, REUSED } from "./magnet.ts";
import { protectedBy } from "./protection.ts";
import { finishDeletions, recordDeletion } from "./record-deletions.ts";
import type { Intent } from "./records.ts";
import { settleGone } from "./settle-intents.ts";
import { nameIn, showsFailing } from "./sighting.ts";
import { type Account, saveMagnets } from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";

/** Deletions of one account under way at once. */
const CONCURRENCY = 10;

/**
 * Deletes what is due. Each magnet is asked for by id right before, since a list may be an old copy; each intent is on
 * disk before its request, each outcome as soon as it is known. A deletion that failed is tried again by the next
 * sweep.
 */
export async function deleteMagnets(account: Account): Promise<void> {
  const { magnets, deletions } = account.plan;
  if (deletions.length === 0) return;
  await forEachConcurrent(deletions, CONCURRENCY, async (id) => {
    const planned = magnets.get(id);
    if (planned) await deleteMagnet(account, id, planned);
    account.sweep.progress?.deleted(1);
  });
  await finishDeletions(account);
  await saveMagnets(account.sweep);
}

async function deleteMagnet(account: Account, id: string, planned: PlannedMagnet): Promise<void> {
  if (account.isStopped) return account.noteNotStarted(id);
  if (account.deletionsEnded !== undefined) {
    return deletionFailed(account, id, `not tried: ${account.deletionsEnded}`, "counted");
  }
  const { store, policy } = account.sweep;
  const { record, stillThere } = planned;
  const answer = await getMagnet(account, id, { beforeDeletion: true });
  if (answer.kind === "silent") {
    if (account.isStopped) return account.noteNotStarted(id);
    if (answer.ends) account.deletionsEnded ??= answer.message;
    return deletionFailed(account, id, `AllDebrid did not say whether it still fails: ${answer.message}`);
  }
  // The list that showed it is an old copy.
  if (answer.kind === "gone") return stillThere ? undefined : settleGone(account, id);
  const found = answer.magnet;
  const intent = store.intents.get(id);
  const isReused = isOtherTorrent(intent?.hash, found.hash);
  const reason = isReused ? REUSED : notToDelete(found, planned);
  if (reason !== undefined) {
    // The intent's torrent is gone, so its deletion was carried out.
    if (intent && isReused) await recordDeletion(account, intent);
    if (isOtherTorrent(record.hash, found.hash)) store.confirmed.delete(id);
    const condition = noteFound(account, found);
    // It is noted as forgotten already.
    if (!store.counters.has(id)) return;
    if (condition !== "processing") return deletionFailed(account, id, reason);
    return account.note({ id, action: "held", reason });
  }
  const protection = protectedBy(policy.protect, found, record);
  if (protection !== undefined) {
    // The list did not show the name by which it is protected: the next sweep knows it.
    record.filename = nameIn(found) ?? record.filename ?? "";
    noteFound(account, found);
    return account.note({ id, action: "held", reason: protection });
  }
  await (stillThere ? deleteAgain(account, found) : sendDeletion(account, planned, found));
}

/** Why a magnet that was found by id must not be deleted; nothing when it fails and is the one that was counted. */
function notToDelete(found: Magnet, { sighting, record: { hash } }: PlannedMagnet): string | undefined {
  if (isOtherTorrent(hash, found.hash)) return REUSED;
  const isKnown = normalizeHash(hash) !== undefined;
  if (isKnown && found.hash === undefined) return "AllDebrid's response does not show its hash: not deleted";
  const fails = sighting !== undefined && showsFailing(found, sighting);
  return fails ? undefined : "by its id it does not fail any more: not deleted";
}

async function sendDeletion(account: Account, planned: PlannedMagnet, found: Magnet): Promise<void> {
  const { store } = account.sweep;
  const { id } = found;
  const earlier = store.intents.get(id);
  const intent = intentFor(account, planned, found, earlier?.key);
  store.intents.set(id, intent);
  await store.saveIntents();
  const result = await tryToDelete(account, id);
  const isDoubtful = earlier !== undefined || result.lost;
  switch (result.kind) {
    case "deleted":
      return recordDeletion(account, intent, planned.decision.reason);
    case "gone":
      if (isDoubtful) return recordDeletion(account, intent);
      store.intents.delete(id);
      return account.forget(id, "it was already gone: somebody else deleted it");
    case "refused": {
      // Nothing was done, so this attempt leaves no doubt; one of an earlier sweep still does, since its own time.
      const { requested_at } = earlier ?? intent;
      if (!isDoubtful) store.intents.delete(id);
      else if (!result.lost) store.intents.set(id, { ...intent, requested_at });
      if (result.code === "" && account.isStopped) return account.noteNotStarted(id);
      if (result.account) {
        account.noteFailure(`deleting: ${result.message}`);
        account.deletionsEnded ??= result.message;
      }
      return deletionFailed(account, id, result.message);
    }
    case "lost": {
      const next = "the next sweep finds out";
      if (account.isStopped) {
        const reason = `stopped before the response to its deletion: ${next} whether it is gone`;
        return account.noteNotStarted(id, reason);
      }
      if (result.code === "") account.deletionsEnded ??= result.message;
      return deletionFailed(account, id, `it may have been deleted or not, ${next}: ${result.message}`);
    }
  }
}

/** Attempts at one deletion in a sweep. */
const ATTEMPTS = 4;
/** Doubled with each further attempt. */
const FIRST_WAIT_MS = 500;

/**
 * Sends a deletion until its response says what became of it. `lost`: one of the attempts may have been carried out
 * unseen. Then *gone* means that it was deleted here, and a refusal says nothing about the lost attempt.
 */
async function tryToDelete(account: Account, id: string) {
  let lost = false;
  for (let attempt = 1; ; attempt++) {
    const outcome = await account.client.delete(id);
    if (outcome.kind === "deleted" || outcome.kind === "gone") return { ...outcome, lost };
    lost ||= outcome.kind === "lost";
    const { message, retry } = outcome;
    if (!retry || attempt >= ATTEMPTS) return { ...outcome, lost };
    const { sleep, log } = account.sweep;
    log.debug(`${account.name}: deleting magnet ${id}: ${message}; now attempt ${attempt + 1}`);
    await sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
    if (account.isStopped) return { ...outcome, lost };
  }
}

/** A magnet whose deletion AllDebrid confirmed and that is still there: never recorded or announced again. */
async function deleteAgain(account: Account, found: Magnet): Promise<void> {
  const { id } = found;
  const { confirmed } = account.sweep.store;
  const entry = confirmed.get(id);
  if (!entry) return;
  // The list shows it as it was before it was uploaded again.
  if (isUploadedAgain(entry, found)) return void confirmed.delete(id);
  entry.still_there = account.sweep.now().toISOString();
  const result = await tryToDelete(account, id);
  if (result.kind === "refused" && result.account) account.deletionsEnded ??= result.message;
  const again = result.kind === "refused" ? `it was refused now: ${result.message}` : "it was sent once more";
  noteStillThere(account, id, again);
}

export function noteStillThere({ name, sweep }: Account, id: string, again: string): void {
  const { record, deleted_at = "" } = sweep.store.confirmed.get(id) ?? {};
  const what = describeMagnet(id, record?.filename);
  const line = `${name}: AllDebrid confirmed the deletion of ${what} on ${deleted_at.slice(0, 10)}, and it is still there; ${again}. If it stays, delete it at https://alldebrid.com/magnets`;
  sweep.log.warning(line);
  sweep.attention.push(line);
}

function intentFor(
  { id, name, sweep }: Account,
  { record, decision }: PlannedMagnet,
  found: Magnet,
  key = sweep.newKey(),
): Intent {
  const { fails, last_status: status, filename, size, status_text, failing_since } = record;
  const hash = record.hash ?? found.hash;
  return {
    key,
    id: found.id,
    account: name,
    fingerprint: id,
    requested_at: sweep.now().toISOString(),
    status,
    fails,
    max_retries: decision.maxRetries,
    filename,
    size,
    status_text,
    failing_since,
    hash,
    uploaded_at: found.uploadedAt?.toISOString(),
    magnet: magnetLink(hash),
  };
}

/** A deletion that failed. Of many that are not tried for one reason, the log has only a count. */
function deletionFailed(account: Account, id: string, reason: string, log?: "counted"): void {
  const counted = log && { label: `not deleted, ${reason}`, always: true };
  account.note({ id, action: "failed", reason, level: "warning", counted });
  const filename = account.plan.magnets.get(id)?.record.filename;
  account.sweep.attention.push(`${account.name}: ${describeMagnet(id, filename)} was not deleted`);
}
