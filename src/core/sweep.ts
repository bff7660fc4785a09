import { forEachConcurrent } from "./concurrency.ts";
import { type Candidate, planAccount } from "./decide.ts";
import { deleteMagnets, noteStillThere } from "./delete-magnets.ts";
import { getMagnet } from "./get-magnet.ts";
import { identifyAccounts } from "./identify-accounts.ts";
import { FAILING, type FailingStatus, isOtherTorrent, type Magnet } from "./magnet.ts";
import { askUserAfterRefusal, askUserDaily, noteHealth } from "./note-health.ts";
import { AccountError } from "./ports.ts";
import { describeUnmatched, trackedMagnets, unmatchedEntries } from "./protection.ts";
import type { AccountResult, MagnetResult } from "./report.ts";
import { noteCap, restartMagnets } from "./restart-magnets.ts";
import { settleAbsentMagnets } from "./settle-absent.ts";
import {
  finishRecordedDeletions,
  isUploadedAgain,
  settleByAnswer,
  settleIntents,
  settleReusedIds,
} from "./settle-intents.ts";
import { countSighting, mergeLists, type Sighting, type Sightings } from "./sighting.ts";
import {
  type Account,
  accountFailed,
  forgetMagnet,
  logCounted,
  noteResult,
  ownerOf,
  type Sweep,
  type SweepInput,
  saveMagnets,
  takeOver,
} from "./sweep-context.ts";
import { countOf, describeMagnet } from "./text.ts";

export interface SweepOutcome {
  readonly accounts: AccountResult[];
  readonly magnets: MagnetResult[];
  /** What needs the owner's attention, a line each; empty when all went well. */
  readonly attention: readonly string[];
}

/**
 * Sweeps all accounts concurrently, once. An account's trouble stays its own.
 * @throws StateError when something can't be saved; nothing new is started from then on.
 */
export async function sweep(input: SweepInput): Promise<SweepOutcome> {
  const ctx: Sweep = {
    ...input,
    announce: input.announce && !input.dryRun,
    accounts: [],
    results: new Map(),
    seen: new Set(),
    foreign: [],
    unmatched: input.dryRun
      ? unmatchedEntries(input.policy.protect, trackedMagnets(input.store.counters))
      : [],
    attention: [],
  };
  ctx.accounts.push(...(await identifyAccounts(ctx)));
  await finishRecordedDeletions(ctx);
  await forEachConcurrent(ctx.accounts, ctx.accounts.length, async (account) => {
    try {
      // The daily question about the account itself goes beside the sweep and does not lengthen it.
      await Promise.all([sweepAccount(ctx, account), askUserDaily(ctx, account)]);
      await askUserAfterRefusal(ctx, account);
      await noteHealth(ctx, account);
    } catch (error) {
      // What can't be saved keeps the other accounts from starting anything new.
      ctx.stopping.abort();
      throw error;
    }
  });
  if (!ctx.stopping.signal.aborted) await settleAbsentMagnets(ctx);
  for (const entry of ctx.unmatched) {
    const where = ctx.accounts.some(({ unanswered }) => unanswered.size > 0) ? " where a list answered" : "";
    ctx.log.warning(`protect: ${describeUnmatched(entry)}${where}`);
  }
  const accounts = ctx.accounts.map((account) => resultOf(account, ctx.stopping.signal.aborted));
  for (const { ok, name, error } of accounts) if (!ok) ctx.attention.push(`${name}: ${error}`);
  return { accounts, magnets: [...ctx.results.values()], attention: ctx.attention };
}

function resultOf({ name, errors, unanswered }: Account, isStopped: boolean): AccountResult {
  const ok = errors.length === 0;
  const notStarted = isStopped && ok && unanswered.size === FAILING.length;
  return { name, ok, error: ok ? null : errors.join("; "), ...(notStarted && { not_started: true }) };
}

/** Sweeps one account: list, count, decide, restart, delete. Trouble of the account ends in `account.errors`. */
async function sweepAccount(ctx: Sweep, account: Account): Promise<void> {
  const failing = await countAndPlan(ctx, account);
  await saveMagnets(ctx);
  await noteCap(ctx, account);
  if (ctx.dryRun) return previewPlan(ctx, account);
  const { restarts, deletions } = account.plan;
  ctx.progress?.planned(restarts.length, deletions.length);
  await restartMagnets(ctx, account);
  await deleteMagnets(ctx, account);
  // Of what is listed and in doubt, a deletion that is still due was sent again; the rest is asked for by id.
  const sent = new Set(deletions);
  await settleIntents(ctx, account, (id) => failing.has(id) && !sent.has(id));
  logCounted(ctx, account);
}

/** Leaves its decisions in `account.plan`, and returns the ids that are listed as failing. */
async function countAndPlan(ctx: Sweep, account: Account): Promise<ReadonlySet<string>> {
  const lists = await listFailing(ctx, account);
  ctx.unmatched = unmatchedEntries(ctx.unmatched, [...lists.values()].flat());
  const { failing, contradictory } = mergeLists(lists);
  const listed = new Set([...failing.keys(), ...contradictory.keys()]);
  const own = new Map([...failing].filter(([id]) => claim(ctx, account, id)));
  await settleReusedIds(ctx, account, [...failing.values(), ...contradictory.values()]);
  // Open intents come first in the budget of questions; those that are listed may be due, and wait for the plan.
  await settleIntents(ctx, account, (id) => !listed.has(id));
  for (const [id, sighting] of await askContradictory(ctx, account, contradictory)) own.set(id, sighting);
  if (account.unanswered.size === 0) forgetConfirmed(ctx, account, listed);
  account.plan = planAccount(countSightings(ctx, account, own), ctx.policy);
  return new Set(failing.keys());
}

/**
 * The lists that answered: one that did not never stops the other. Where an account has several keys, the first to
 * which a list answers is used for the rest of the sweep.
 */
async function listFailing(ctx: Sweep, account: Account): Promise<Map<FailingStatus, readonly Magnet[]>> {
  const lists = new Map<FailingStatus, readonly Magnet[]>();
  for (const client of account.clients) {
    const failures = new Map<string, FailingStatus[]>();
    const responses = await Promise.allSettled(FAILING.map((status) => client.list(status)));
    for (const [i, response] of responses.entries()) {
      const status = FAILING[i] as FailingStatus;
      if (response.status === "fulfilled") {
        lists.set(status, response.value.magnets);
        continue;
      }
      if (!(response.reason instanceof AccountError)) throw response.reason;
      const { message } = response.reason;
      failures.set(message, [...(failures.get(message) ?? []), status]);
    }
    if (lists.size > 0) account.client = client;
    else if (client !== account.clients.at(-1) && !ctx.stopping.signal.aborted) {
      ctx.log.warning(`${client.name}: no list answered, trying the account's other key`);
      continue;
    }
    for (const [message, statuses] of failures) {
      for (const status of statuses) account.unanswered.add(status);
      const which = statuses.length > 1 ? "the expired and error lists" : `the ${statuses[0]} list`;
      accountFailed(ctx, account, `${which}: ${message}`);
    }
    break;
  }
  return lists;
}

/**
 * Whether a listed magnet may be counted for this account. One that is known to be another configured account's is
 * noted instead: once all accounts had their turn, `settleAbsentMagnets` looks into it.
 */
function claim(ctx: Sweep, account: Account, id: string): boolean {
  const owner = ownerOf(ctx, id);
  if (owner === undefined || owner === account.id) return true;
  if (!account.known) return false;
  if (ctx.accounts.some((other) => other.id === owner)) {
    ctx.foreign.push({ id, account });
    return false;
  }
  // Its owner is no longer configured, and ids are unique: this account has it, so it had it under its former key.
  takeOver(ctx, account, id);
  return true;
}

/**
 * Asks by id for what is listed as failing and says of itself that it works: a stale list, or a filter that is not
 * obeyed. That response decides; failing there is a sighting.
 */
async function askContradictory(
  ctx: Sweep,
  account: Account,
  contradictory: Sightings["contradictory"],
): Promise<Map<string, Sighting>> {
  const failing = new Map<string, Sighting>();
  if (contradictory.size === 0) return failing;
  const isNew = (id: string) => !ctx.store.counters.has(id);
  const inOrder = [...contradictory].sort(([a], [b]) => Number(isNew(a)) - Number(isNew(b)));
  const [example] = inOrder.map(([id, { magnet }]) => describeMagnet(id, magnet.filename));
  const others = contradictory.size > 1 ? ` and ${countOf(contradictory.size - 1, "other")}` : "";
  ctx.log.warning(
    `${account.name}: ${example}${others} listed as failing, but by their status they work: they are asked for by id`,
  );
  for (const [id, { statuses }] of inOrder) {
    // What is not tracked must not use up what the tracked ones need.
    if (isNew(id) && account.questions <= 25) break;
    if (!claim(ctx, account, id) || ctx.seen.has(id)) continue;
    const before = ctx.store.counters.get(id)?.seen_at;
    const answer = await getMagnet(ctx, account, id);
    // Another key of this account, neither known yet, may have counted it meanwhile.
    if (ctx.seen.has(id)) continue;
    const condition = await settleByAnswer(ctx, account, id, answer);
    if (answer.kind !== "found" || condition !== "failing") continue;
    ctx.seen.delete(id);
    // A gap lies before this sighting, not between it and its own response.
    const record = ctx.store.counters.get(id);
    if (record) record.seen_at = before;
    const partial = account.unanswered.size > 0;
    failing.set(id, { magnet: answer.magnet, statuses, partial, contradicted: true });
  }
  return failing;
}

/** A confirmed deletion is remembered until both lists of its account have answered without it. */
function forgetConfirmed(ctx: Sweep, account: Account, listed: ReadonlySet<string>): void {
  for (const [id, { fingerprint: owner }] of ctx.store.confirmed) {
    if (owner === account.id && !listed.has(id)) ctx.store.confirmed.delete(id);
  }
}

/** Counts each sighting that no other account of this sweep has counted, and returns what is to be decided. */
function countSightings(
  ctx: Sweep,
  account: Account,
  failing: ReadonlyMap<string, Sighting>,
): Map<string, Candidate> {
  const { counters, confirmed } = ctx.store;
  const candidates = new Map<string, Candidate>();
  for (const [id, sighting] of failing) {
    if (ctx.seen.has(id)) continue;
    ctx.seen.add(id);
    const deletion = confirmed.get(id);
    if (deletion && isUploadedAgain(deletion, sighting.magnet)) confirmed.delete(id);
    else if (deletion) {
      candidates.set(id, { sighting, record: deletion.record, stillThere: true });
      continue;
    }
    if (isOtherTorrent(counters.get(id)?.hash, sighting.magnet.hash)) {
      forgetMagnet(ctx, account, id, "the id now belongs to another torrent, which is counted from 1");
    }
    const { policy, cycleSeconds } = ctx;
    const counting = { account: account.id, policy, now: ctx.now(), cycleSeconds };
    const record = countSighting(counters.get(id), sighting, counting);
    counters.set(id, record);
    candidates.set(id, { sighting, record });
  }
  return candidates;
}

function previewPlan(ctx: Sweep, account: Account): void {
  for (const [id, { decision, stillThere }] of account.plan.magnets) {
    const { action, reason } = decision;
    if (stillThere) {
      // No result of its own, as in a sweep.
      if (action === "delete") noteStillThere(ctx, account, id, "its deletion would be sent once more");
      continue;
    }
    // `noteCap` has noted what the cap holds.
    if (action === "hold" && decision.rule === "max_deletes_per_run") continue;
    if (action === "hold") {
      noteResult(ctx, account, {
        id,
        action: "held",
        reason: `${reason}; restarted instead`,
        restarted: true,
      });
    } else noteResult(ctx, account, { id, action: action === "restart" ? "restarted" : "deleted", reason });
  }
}
