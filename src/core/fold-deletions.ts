import type { Deletion } from "./deletion.ts";
import type { SweepContext } from "./sweep-context.ts";

/**
 * Carries deletions that `deletions.jsonl` already holds over into the other files. The order matters: the
 * announcement is on disk before the counter is forgotten, and the intent goes last, so that a sweep killed
 * in between is taken up by folding the same deletions again. Nothing is sent before this is done, so a
 * second folding finds its notices still in the outbox and adds none twice.
 */
export async function foldDeletions(ctx: SweepContext, deletions: readonly Deletion[]): Promise<void> {
  const { store } = ctx;
  if (ctx.announce) {
    const queued = new Set(store.outbox.pending.map((notice) => notice.key));
    for (const deletion of deletions) {
      if (!queued.has(deletion.key)) store.outbox.pending.push({ kind: "deletion", ...deletion });
    }
    await store.saveOutbox();
  }
  for (const { id } of deletions) store.counters.delete(id);
  await store.saveCounters();
  for (const { id, key } of deletions) if (store.intents.get(id)?.key === key) store.intents.delete(id);
  await store.saveIntents();
}

/** Takes up a sweep that was killed between a deletion's record and its folding. */
export async function foldRecordedDeletions(ctx: SweepContext): Promise<void> {
  if (ctx.store.intents.size === 0) return;
  const keys = new Set([...ctx.store.intents.values()].map((intent) => intent.key));
  const recorded = (await ctx.store.readDeletions()).filter((deletion) => keys.has(deletion.key));
  if (recorded.length > 0) await foldDeletions(ctx, recorded);
}
