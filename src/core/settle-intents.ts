import { askById } from "./ask-by-id.ts";
import type { Deletion, Intent } from "./deletion.ts";
import { foldDeletions } from "./fold-deletions.ts";
import type { Sightings } from "./sighting.ts";
import { type AccountSweep, describe, noteResult, type SweepContext } from "./sweep-context.ts";

/**
 * Settles the deletions of earlier sweeps whose outcome is not known. Listed or found: nothing happened.
 * `MAGNET_INVALID_ID`: it was deleted here, so it is recorded and announced. No answer: it waits.
 */
export async function settleIntents(
  ctx: SweepContext,
  account: AccountSweep,
  { failing, contradictory }: Sightings,
): Promise<void> {
  if (account.unanswered.size === 2) return;
  const { fingerprint } = account.client;
  const listed = new Set([...failing.keys(), ...contradictory.map((magnet) => magnet.id)]);
  // Where the key was replaced since, the new one that lists the magnet knows, too.
  const open = [...ctx.store.intents.values()].filter(
    (intent) =>
      intent.fingerprint === fingerprint || (!ctx.swept.has(intent.fingerprint) && listed.has(intent.id)),
  );
  if (open.length === 0) return;
  const deleted: Deletion[] = [];
  for (const intent of open) {
    const answer = listed.has(intent.id) ? "found" : (await askById(ctx, account, intent.id)).kind;
    // Another key of the account may have begun a new deletion of it meanwhile.
    if (ctx.store.intents.get(intent.id) !== intent) continue;
    if (answer === "found") ctx.store.intents.delete(intent.id);
    if (answer === "gone") deleted.push(await recordDeletion(ctx, account, intent));
  }
  await foldDeletions(ctx, deleted);
}

/** Puts a confirmed deletion on disk and into the report. */
export async function recordDeletion(
  ctx: SweepContext,
  account: AccountSweep,
  intent: Intent,
  reason = "the deletion begun by an earlier sweep is confirmed",
): Promise<Deletion> {
  const deletion = { ...intent, deleted_at: ctx.now().toISOString() };
  await ctx.store.appendDeletion(deletion);
  const { id, max_retries: maxRetries } = intent;
  noteResult(ctx, account, { id, maxRetries, action: "deleted", reason, known: intent });
  if (ctx.dryRun) return deletion;
  ctx.log.debug(`${account.client.name}: recorded the deletion of ${describe(intent.id, intent.filename)}`);
  return deletion;
}
