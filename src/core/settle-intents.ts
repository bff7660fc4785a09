import { type Answer, getMagnet, noteFound } from "./get-magnet.ts";
import { isOtherTorrent } from "./magnet.ts";
import type { ConfirmedDeletion, Deletion, Intent } from "./records.ts";
import type { Sighting } from "./sighting.ts";
import { type Account, queueForArrs, queueNotices, type Sweep, saveMagnets } from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";
import { DAY_SECONDS, secondsSince } from "./time.ts";

/** Settles a magnet that the account no longer has: deleted here, if a deletion was sent, else by somebody else. */
export async function settleGone(account: Account, id: string): Promise<void> {
  const { intents, counters } = account.sweep.store;
  const intent = intents.get(id);
  if (intent) await recordDeletion(account, intent);
  // Where the owner is not known, one account's word is not enough.
  else if (counters.get(id)?.account === account.id) account.forget(id, "gone from the account");
}

/**
 * Asks for this account's magnets whose deletion is in doubt. Gone: deleted here, so it is recorded and announced.
 * Found a day or more after the last attempt: nothing came of it. No response: it waits.
 */
export async function settleIntents(account: Account, isWanted: (id: string) => boolean): Promise<void> {
  if (account.isSilent) return;
  const open = [...account.sweep.store.intents.values()].filter(
    ({ id, fingerprint: owner }) => owner === account.id && isWanted(id),
  );
  for (const { id } of open) await settleByAnswer(account, id, await getMagnet(account, id));
  if (open.length > 0) await saveMagnets(account.sweep);
}

/** Notes the result of asking by id, for an open intent as well. Returns the condition of a magnet that was found. */
export async function settleByAnswer(account: Account, id: string, answer: Answer) {
  const { store, now } = account.sweep;
  const intent = store.intents.get(id);
  if (answer.kind === "gone") await settleGone(account, id);
  if (answer.kind === "found" && intent) {
    const seconds = secondsSince(intent.requested_at, now());
    if (isOtherTorrent(intent.hash, answer.magnet.hash)) await recordDeletion(account, intent);
    else if (seconds === undefined || seconds >= DAY_SECONDS) store.intents.delete(id);
  }
  await finishDeletions(account);
  return answer.kind === "found" ? noteFound(account, answer.magnet) : undefined;
}

/** Asks for each id that is listed with another torrent than its open intent has: the list may be an old copy. */
export async function settleReusedIds(account: Account, listed: readonly Sighting[]): Promise<void> {
  for (const { magnet } of listed) {
    const intent = account.sweep.store.intents.get(magnet.id);
    if (intent?.fingerprint !== account.id || !isOtherTorrent(intent.hash, magnet.hash)) continue;
    await settleByAnswer(account, magnet.id, await getMagnet(account, magnet.id));
  }
}

/**
 * Puts a deletion on disk and into the report; `finishDeletions` has to follow. `reason`: why it was due, where
 * AllDebrid confirmed it; else the magnet was found gone after a lost response.
 */
export async function recordDeletion(account: Account, intent: Intent, reason?: string): Promise<void> {
  const { store, now, dryRun, log } = account.sweep;
  const { requested_at: _, ...rest } = intent;
  const lost = reason === undefined && { response_lost: true };
  const deletion = { ...rest, deleted_at: now().toISOString(), ...lost };
  await store.appendDeletion(deletion);
  account.recorded.push(deletion);
  const why = reason ?? "gone, and a deletion was sent whose response was lost";
  account.note({ id: intent.id, action: "deleted", reason: why, intent });
  const what = describeMagnet(intent.id, intent.filename);
  if (!dryRun) log.debug(`${account.name}: recorded the deletion of ${what}`);
}

/** Finishes the deletions of an account that are on record. */
export function finishDeletions({ sweep, recorded }: Account): Promise<void> {
  return finish(sweep, recorded.splice(0));
}

/** Resumes after a sweep that was killed between recording a deletion and finishing it. */
export async function finishRecordedDeletions(ctx: Sweep): Promise<void> {
  if (ctx.store.intents.size === 0) return;
  const keys = new Set(Array.from(ctx.store.intents.values(), ({ key }) => key));
  const recorded = await ctx.store.readDeletions();
  await finish(
    ctx,
    recorded.filter(({ key }) => keys.has(key)),
  );
}

/**
 * Carries deletions on record over into the other files: the notice before the counter goes, the intent last, so that a
 * sweep killed in between does the same again. Its notices are still queued then, and none is added twice.
 */
async function finish(ctx: Sweep, deletions: readonly Deletion[]): Promise<void> {
  if (deletions.length === 0) return;
  const { intents, confirmed, counters } = ctx.store;
  const notices = deletions.map((deletion) => ({ kind: "deletion" as const, ...deletion }));
  await queueNotices(ctx, notices);
  await queueForArrs(ctx, deletions);
  for (const deletion of deletions) {
    const { id, key } = deletion;
    if (intents.get(id)?.key !== key) continue;
    // Where a killed sweep has finished this already, the counter is in what it left.
    const earlier = confirmed.get(id);
    const record = earlier?.deleted_at === deletion.deleted_at ? earlier.record : undefined;
    confirmed.set(id, confirmedOf(deletion, counters.get(id) ?? record));
    counters.delete(id);
    intents.delete(id);
  }
  await saveMagnets(ctx);
}

function confirmedOf(deletion: Deletion, record: ConfirmedDeletion["record"] | undefined): ConfirmedDeletion {
  const { id, hash, fingerprint, deleted_at, uploaded_at, filename, fails, status, failing_since } = deletion;
  const failing_seconds = (Date.parse(deleted_at) - Date.parse(failing_since ?? deleted_at)) / 1000;
  // It was due when its deletion was sent; a sighting since then may have been in another list, or after a gap.
  const { gap: _, ...known } = record ?? { failing_seconds, hash, filename };
  const due = { ...known, fails, last_status: status, had_chance: true };
  return { id, hash, fingerprint, deleted_at, uploaded_at, record: due };
}
