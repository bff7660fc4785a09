import type { ConfirmedDeletion, Deletion, Intent } from "./records.ts";
import { type Account, queueForArrs, queueNotices, type Sweep, saveMagnets } from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";

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
