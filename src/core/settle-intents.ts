import { type Answer, getMagnet, noteFound } from "./get-magnet.ts";
import { isOtherTorrent } from "./magnet.ts";
import { finishDeletions, recordDeletion } from "./record-deletions.ts";
import type { Sighting } from "./sighting.ts";
import { type Account, saveMagnets } from "./sweep-context.ts";
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
