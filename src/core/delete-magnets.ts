import { forEachConcurrent } from "./concurrency.ts";
import type { AccountPlan, Candidate } from "./decide.ts";
import { type Answer, getMagnet, noteFound } from "./get-magnet.ts";
import { isOtherTorrent, type Magnet, normalizeHash } from "./magnet.ts";
import type { ConfirmedDeletion, Deletion, Intent } from "./records.ts";
import { type Sighting, secondsSince, showsFailing } from "./sighting.ts";
import {
  type AccountSweep,
  accountFailed,
  forgetMagnet,
  noteResult,
  queueNotices,
  type SweepContext,
  saveMagnets,
} from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";
import { tryToDelete } from "./try-to-delete.ts";

/** Deletions of one account under way at once. */
const CONCURRENCY = 10;
const DAY_SECONDS = 24 * 3600;

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
  const fail = (reason: string) => deletionFailed(ctx, account, deletions.plan, id, reason);
  if (ctx.stopping.signal.aborted) deletions.ended ??= "the sweep is being stopped";
  if (deletions.ended !== undefined) return fail(`not tried: ${deletions.ended}`);

  const answer = await getMagnet(ctx, account, id, { beforeDeletion: true });
  if (answer.kind === "silent") {
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
  if (confirmed) return deleteAgain(ctx, account, deletions, id);
  await sendDeletion(ctx, account, deletions, id, answer.magnet);
}

const LOST = "gone, and a deletion was sent whose response was lost";

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
      if (result.account) {
        accountFailed(ctx, account, `deleting: ${result.message}`);
        deletions.ended ??= result.message;
      }
      return fail(result.message);
    case "lost":
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
  id: string,
): Promise<void> {
  const entry = ctx.store.confirmed.get(id);
  if (!entry) return;
  entry.still_there = ctx.now().toISOString();
  const result = await tryToDelete(ctx, account, id);
  if (result.kind === "refused" && result.account) deletions.ended ??= result.message;
  const what = describeMagnet(id, entry.record.filename);
  const line = `${account.name}: AllDebrid confirmed the deletion of ${what} on ${entry.deleted_at.slice(0, 10)}, and it is still there; it was sent once more. If it stays, delete it at https://alldebrid.com/magnets`;
  ctx.log.warning(line);
  ctx.attention.push(line);
}

/** Asked by id, the account has no such magnet: deleted here, if a deletion was sent; else by somebody else. */
async function settleGone(
  ctx: SweepContext,
  account: AccountSweep,
  deletions: Pick<Deletions, "done">,
  id: string,
): Promise<void> {
  const intent = ctx.store.intents.get(id);
  if (intent) deletions.done.push(await recordDeletion(ctx, account, intent, LOST));
  // Where the owner is not known, one account's word is not enough (contract, Counting 5).
  else if (ctx.store.counters.get(id)?.account === account.id) {
    forgetMagnet(ctx, account, id, "gone from the account");
  }
}

/**
 * Asks for magnets of this account whose deletion is in doubt, where no new one is sent. `MAGNET_INVALID_ID`: it was
 * deleted here, so it is recorded and announced. Found a day or more after the last attempt: nothing came of it. No
 * response: it waits.
 */
export async function settleIntents(
  ctx: SweepContext,
  account: AccountSweep,
  isWanted: (id: string) => boolean,
): Promise<void> {
  if (account.unanswered.size === 2) return;
  const open = [...ctx.store.intents.values()].filter(
    ({ id, fingerprint }) => fingerprint === account.id && isWanted(id),
  );
  if (open.length === 0) return;
  for (const { id } of open) await settleByAnswer(ctx, account, id, await getMagnet(ctx, account, id));
  await saveMagnets(ctx);
}

/**
 * Takes note of what a question by id brought, also for a deletion in doubt. Returns the magnet's condition, where it
 * was found.
 */
export async function settleByAnswer(
  ctx: SweepContext,
  account: AccountSweep,
  id: string,
  answer: Answer,
  isExpired = false,
): Promise<ReturnType<typeof noteFound> | undefined> {
  const done: Deletion[] = [];
  const intent = ctx.store.intents.get(id);
  if (answer.kind === "gone") await settleGone(ctx, account, { done }, id);
  if (answer.kind === "found" && intent) {
    const seconds = secondsSince(intent.requested_at, ctx.now());
    if (isOtherTorrent(intent.hash, answer.magnet.hash)) {
      done.push(await recordDeletion(ctx, account, intent, LOST));
    } else if (seconds === undefined || seconds >= DAY_SECONDS) ctx.store.intents.delete(id);
  }
  await finishDeletions(ctx, done);
  return answer.kind === "found" ? noteFound(ctx, account, answer.magnet, isExpired) : undefined;
}

/** An id that now belongs to another torrent: the one with an open intent was deleted here (contract, Counting 9). */
export async function settleReusedIds(
  ctx: SweepContext,
  account: AccountSweep,
  listed: readonly Sighting[],
): Promise<void> {
  const done: Deletion[] = [];
  for (const { magnet } of listed) {
    const intent = ctx.store.intents.get(magnet.id);
    if (intent?.fingerprint !== account.id || !isOtherTorrent(intent.hash, magnet.hash)) continue;
    done.push(await recordDeletion(ctx, account, intent, LOST));
  }
  if (done.length > 0) await finishDeletions(ctx, done);
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
    ...(hasLink && { magnet: `magnet:?xt=urn:btih:${hash}` }),
  };
}

function deletionFailed(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
  id: string,
  reason: string,
): void {
  const record = plan.candidates.get(id)?.record;
  const maxRetries = plan.decisions.get(id)?.maxRetries;
  const { filename, last_status: status = "error", fails = 0 } = record ?? {};
  const known = {
    ...(filename !== undefined && { filename }),
    status,
    fails,
    max_retries: maxRetries ?? fails,
  };
  noteResult(ctx, account, { id, action: "failed", reason, level: "warning", known });
  ctx.attention.push(`${account.name}: ${describeMagnet(id, filename)} was not deleted`);
}

/** Puts a deletion on disk and into the report. */
async function recordDeletion(
  ctx: SweepContext,
  account: AccountSweep,
  intent: Intent,
  reason: string,
  isConfirmed = false,
): Promise<Deletion> {
  const { requested_at: _, ...rest } = intent;
  const deletion = {
    ...rest,
    deleted_at: ctx.now().toISOString(),
    ...(!isConfirmed && { response_lost: true }),
  };
  await ctx.store.appendDeletion(deletion);
  noteResult(ctx, account, { id: intent.id, action: "deleted", reason, known: intent });
  if (!ctx.dryRun) {
    ctx.log.debug(`${account.name}: recorded the deletion of ${describeMagnet(intent.id, intent.filename)}`);
  }
  return deletion;
}

/**
 * Carries deletions that `deletions.jsonl` already holds over into the other files. The order matters: the notice is
 * on disk before the counter is forgotten, and the intent goes last, so that a sweep killed in between is taken up by
 * doing the same again. Nothing is sent before this is done, so a second time finds its notices still in the outbox
 * and adds none twice.
 */
async function finishDeletions(ctx: SweepContext, deletions: readonly Deletion[]): Promise<void> {
  if (deletions.length === 0) return;
  const { store } = ctx;
  await queueNotices(
    ctx,
    deletions.map((deletion) => ({ kind: "deletion", ...deletion })),
  );
  for (const deletion of deletions) {
    const { id, key } = deletion;
    if (store.intents.get(id)?.key !== key) continue;
    store.confirmed.set(id, confirmedOf(deletion, store.counters.get(id)));
    store.counters.delete(id);
    store.intents.delete(id);
  }
  await saveMagnets(ctx);
}

function confirmedOf(deletion: Deletion, record: ConfirmedDeletion["record"] | undefined): ConfirmedDeletion {
  const { id, hash, fingerprint, deleted_at, filename, fails, status } = deletion;
  return {
    id,
    ...(hash !== undefined && { hash }),
    fingerprint,
    deleted_at,
    record: record ?? {
      fails,
      last_status: status,
      had_chance: true,
      ...(hash !== undefined && { hash }),
      ...(filename !== undefined && { filename }),
    },
  };
}

/** Takes up a sweep that was killed between recording a deletion and finishing it. */
export async function finishRecordedDeletions(ctx: SweepContext): Promise<void> {
  if (ctx.store.intents.size === 0) return;
  const keys = new Set([...ctx.store.intents.values()].map(({ key }) => key));
  const recorded = (await ctx.store.readDeletions()).filter(({ key }) => keys.has(key));
  await finishDeletions(ctx, recorded);
}
