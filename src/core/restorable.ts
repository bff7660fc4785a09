import type { Deletion } from "./deletion.ts";
import { normalizeHash } from "./info-hash.ts";

/** A deletion on record, and the hash by which the magnet can be added again. */
export interface Restorable {
  readonly deletion: Deletion;
  /** In small hex digits; absent when none is known, so that it can't be restored. */
  readonly hash?: string;
}

/**
 * What was deleted, newest first, each magnet once with its last deletion. The order is the record's own: clocks
 * go wrong.
 *
 * @param deletions Oldest first.
 */
export function restorables(deletions: readonly Deletion[]): Restorable[] {
  const newest = new Map<string, Restorable>();
  for (const deletion of deletions.toReversed()) {
    if (newest.has(deletion.id)) continue;
    const hash = hashOf(deletion);
    newest.set(deletion.id, hash === undefined ? { deletion } : { deletion, hash });
  }
  return [...newest.values()];
}

function hashOf({ hash, magnet }: Deletion): string | undefined {
  const linked = /^magnet:\?(?:.*&)?xt=urn:bt[im]h:([0-9a-z]+)/i.exec(magnet ?? "")?.[1];
  return normalizeHash(hash ?? "") ?? normalizeHash(linked ?? "");
}
