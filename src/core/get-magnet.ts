import { conditionOf, isOtherTorrent, isVague, type Magnet, REUSED } from "./magnet.ts";
import { AccountError } from "./ports.ts";
import { noteSeen } from "./sighting.ts";
import type { Account } from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";

/** An account that failed to answer this many questions is not asked again in this sweep. */
const FAILURES = 3;

/** The result of asking by id; `silent`: it was not asked for, or its response does not show the magnet. */
export type Answer =
  | { readonly kind: "found"; readonly magnet: Magnet }
  | { readonly kind: "gone" }
  /** `ends`: the reason may be the account's or the network's, so that further questions would bring no more. */
  | { readonly kind: "silent"; readonly message: string; readonly ends: boolean };

/** Asks within the account's budget of questions. Only `MAGNET_INVALID_ID` is `gone`: absence proves nothing. */
export async function getMagnet(
  account: Account,
  id: string,
  { beforeDeletion = false } = {},
): Promise<Answer> {
  const stopped = { kind: "silent", message: "the sweep is being stopped", ends: true } as const;
  if (account.isStopped) return stopped;
  if (!beforeDeletion) {
    if (account.questions <= 0 || account.failedQuestions >= FAILURES) {
      return { kind: "silent", message: "not asked in this sweep", ends: true };
    }
    account.questions--;
  }
  try {
    const magnet = await account.client.getMagnet(id);
    if (magnet === "gone") return { kind: "gone" };
    if (magnet) return { kind: "found", magnet };
    return { kind: "silent", message: "missing from the response", ends: false };
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    const { message, code } = error;
    account.failedQuestions++;
    account.noteFailure(`asking for magnet ${id}: ${message}`);
    // An error of AllDebrid's own may be about this magnet.
    return { kind: "silent", message, ends: code === undefined };
  }
}

/** Notes a magnet found by id or in another list. Its counter is forgotten if it is ready or another torrent. */
export function noteFound(account: Account, magnet: Magnet, list?: "expired" | "active") {
  const { id } = magnet;
  const { store, seen, log, now, cycleSeconds } = account.sweep;
  const { counters, confirmed } = store;
  const condition = conditionOf(magnet, list === "expired");
  const record = counters.get(id);
  if (condition === "ready" || condition === "processing") confirmed.delete(id);
  if (record && isOtherTorrent(record.hash, magnet.hash)) {
    account.forget(id, REUSED);
    return "other torrent";
  }
  if (!record) return condition;
  seen.add(id);
  record.account = account.id;
  if (condition === "ready") account.forget(id, "ready");
  else if (condition === "unknown") {
    log.debug(`${account.name}: ${describeMagnet(id, magnet.filename)}: its state is not clear`);
  } else {
    // Where no list explains it, it may fail as well, and then a gap before it is met.
    const seenAs = isVague(magnet) && list === undefined ? "failing" : condition;
    noteSeen(record, seenAs, { now: now(), cycleSeconds });
  }
  return condition;
}
