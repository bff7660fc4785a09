import { forEachConcurrent } from "./concurrency.ts";
import { type Candidate, planAccount } from "./decide.ts";
import { deleteMagnets, noteStillThere } from "./delete-magnets.ts";
import { getMagnet } from "./get-magnet.ts";
import { identifyAccounts } from "./identify-accounts.ts";
import {
  FAILING,
  type FailingStatus,
  isOtherTorrent,
  isUploadedAgain,
  type Magnet,
  REUSED,
} from "./magnet.ts";
import { askUserDaily, noteHealth } from "./note-health.ts";
import { AccountError } from "./ports.ts";
import { describeUnmatched, trackedMagnets, unmatchedEntries } from "./protection.ts";
import { finishRecordedDeletions } from "./record-deletions.ts";
import type { AccountResult } from "./report.ts";
import { noteCap, restartMagnets } from "./restart-magnets.ts";
import { settleAbsentMagnets } from "./settle-absent.ts";
import { settleByAnswer, settleIntents, settleReusedIds } from "./settle-intents.ts";
import { countSighting, mergeLists, type Sighting, type Sightings } from "./sighting.ts";
import {
  type Account,
  KEPT_FOR_TRACKED,
  ownerOf,
  type Sweep,
  type SweepInput,
  saveMagnets,
} from "./sweep-context.ts";
import { countOf, describeMagnet } from "./text.ts";

/**
 * Sweeps all accounts concurrently, once. `attention` has one line for each thing that the owner should see to.
 * Throws `StateError` when something can't be saved; nothing new is started from then on.
 */
export async function sweep(input: SweepInput) {
  const { policy, store, stopping } = input;
  const ctx: Sweep = {
    ...input,
    announce: input.announce && !input.dryRun,
    accounts: [],
    results: new Map(),
    seen: new Set(),
    foreign: [],
    unmatched: input.dryRun ? unmatchedEntries(policy.protect, trackedMagnets(store.counters)) : [],
    attention: [],
  };
  ctx.accounts.push(...(await identifyAccounts(ctx)));
  await finishRecordedDeletions(ctx);
  await forEachConcurrent(ctx.accounts, ctx.accounts.length, async (account) => {
    try {
      // The daily question about the account itself goes beside the sweep and does not lengthen it.
      await Promise.all([sweepAccount(account), askUserDaily(account)]);
      await noteHealth(account);
    } catch (error) {
      // What can't be saved keeps the other accounts from starting anything new.
      stopping.abort();
      throw error;
    }
  });
  if (!stopping.signal.aborted) await settleAbsentMagnets(ctx);
  for (const entry of ctx.unmatched) {
    const where = ctx.accounts.some(({ unanswered }) => unanswered.size > 0) ? " where a list answered" : "";
    ctx.log.warning(`protect: ${describeUnmatched(entry)}${where}`);
  }
  const accounts = ctx.accounts.map(resultOf);
  for (const { ok, name, error } of accounts) if (!ok) ctx.attention.push(`${name}: ${error}`);
  return { accounts, magnets: [...ctx.results.values()], attention: ctx.attention };
}

function resultOf({ name, errors, isStopped, isSilent }: Account): AccountResult {
  const ok = errors.length === 0;
  return {
    name,
    ok,
    error: errors.join("; ") || null,
    ...(ok && isStopped && isSilent && { not_started: true }),
  };
}

/** Sweeps one account: list, count, decide, restart, delete. Trouble of the account ends in `account.errors`. */
async function sweepAccount(account: Account): Promise<void> {
  const failing = await countAndPlan(account);
  await saveMagnets(account.sweep);
  await noteCap(account);
  if (account.sweep.dryRun) return previewPlan(account);
  const { restarts, deletions } = account.plan;
  account.sweep.progress?.planned(restarts.length, deletions.length);
  await restartMagnets(account);
  await deleteMagnets(account);
  // Of the open intents among the listed, `deleteMagnets` has dealt with those that are due; the rest is asked for.
  const handled = new Set(deletions);
  await settleIntents(account, (id) => failing.has(id) && !handled.has(id));
  account.logCounted();
}

/** Fills `account.plan` with decisions; returns the ids that the lists show as failing. */
async function countAndPlan(account: Account): Promise<ReadonlySet<string>> {
  const { sweep } = account;
  const lists = await readFailingLists(account);
  sweep.unmatched = unmatchedEntries(sweep.unmatched, [...lists.values()].flat());
  const { failing, contradictory } = mergeLists(lists);
  const listed = new Set([...failing.keys(), ...contradictory.keys()]);
  const own = new Map([...failing].filter(([id]) => claim(account, id)));
  await settleReusedIds(account, [...failing.values(), ...contradictory.values()]);
  // Open intents come first in the budget of questions; those that are listed may be due, and wait for the plan.
  await settleIntents(account, (id) => !listed.has(id));
  for (const [id, sighting] of await askContradictory(account, contradictory)) own.set(id, sighting);
  // A confirmed deletion is remembered until both lists of its account have answered without it.
  for (const [id, { fingerprint: owner }] of sweep.store.confirmed) {
    if (account.unanswered.size === 0 && owner === account.id && !listed.has(id))
      sweep.store.confirmed.delete(id);
  }
  account.plan = planAccount(countSightings(account, own), sweep.policy);
  return new Set(failing.keys());
}

/** Reads the failing lists; one that fails does not stop the other. The first key that reads any is used from then. */
async function readFailingLists(account: Account): Promise<Map<FailingStatus, readonly Magnet[]>> {
  const lists = new Map<FailingStatus, readonly Magnet[]>();
  for (const client of account.clients) {
    const failures = new Map<string, FailingStatus[]>();
    const responses = await Promise.allSettled(FAILING.map((status) => client.list(status)));
    for (const [i, response] of responses.entries()) {
      const status = FAILING[i] as FailingStatus;
      if (response.status === "fulfilled") lists.set(status, response.value);
      else if (!(response.reason instanceof AccountError)) throw response.reason;
      else failures.set(response.reason.message, [...(failures.get(response.reason.message) ?? []), status]);
    }
    if (lists.size > 0) account.client = client;
    else if (client !== account.clients.at(-1) && !account.isStopped) {
      account.sweep.log.warning(`${client.name}: no list answered, trying the account's other key`);
      continue;
    }
    for (const [message, statuses] of failures) {
      for (const status of statuses) account.unanswered.add(status);
      const which = statuses.length > 1 ? "the expired and error lists" : `the ${statuses[0]} list`;
      account.noteFailure(`${which}: ${message}`);
    }
    break;
  }
  return lists;
}

/** Whether this account may count a listed magnet. One of another configured account goes into `sweep.foreign`. */
function claim(account: Account, id: string): boolean {
  const { sweep } = account;
  const owner = ownerOf(sweep, id);
  if (owner === undefined || owner === account.id) return true;
  if (!account.known) return false;
  if (sweep.accounts.some((other) => other.id === owner)) {
    sweep.foreign.push({ id, account });
    return false;
  }
  // Its owner is no longer configured, and ids are unique: this account has it, so it had it under its former key.
  account.takeOver(id);
  return true;
}

/** Asks by id for magnets listed as failing whose own status says that they work; those that do fail are sightings. */
async function askContradictory(account: Account, contradictory: Sightings["contradictory"]) {
  const { seen, log, store } = account.sweep;
  const failing = new Map<string, Sighting>();
  if (contradictory.size === 0) return failing;
  const isNew = (id: string) => !store.counters.has(id);
  const inOrder = [...contradictory].sort(([a], [b]) => Number(isNew(a)) - Number(isNew(b)));
  const [example] = inOrder.map(([id, { magnet }]) => describeMagnet(id, magnet.filename));
  const others = contradictory.size > 1 ? ` and ${countOf(contradictory.size - 1, "other")}` : "";
  log.warning(
    `${account.name}: ${example}${others} listed as failing, but by their status they work: they are asked for by id`,
  );
  for (const [id, { statuses }] of inOrder) {
    // What is not tracked must not use up what the tracked ones need.
    if (isNew(id) && account.questions <= KEPT_FOR_TRACKED) break;
    if (!claim(account, id) || seen.has(id)) continue;
    const before = store.counters.get(id)?.seen_at;
    const answer = await getMagnet(account, id);
    // Another key of this account, neither known yet, may have counted it meanwhile.
    if (seen.has(id)) continue;
    const condition = await settleByAnswer(account, id, answer);
    if (answer.kind !== "found" || condition !== "failing") continue;
    seen.delete(id);
    // The question is not a sighting: the gap before this one is measured from what was seen before it.
    const record = store.counters.get(id);
    if (record) record.seen_at = before;
    const partial = account.unanswered.size > 0;
    failing.set(id, { magnet: answer.magnet, statuses, partial, contradicted: true });
  }
  return failing;
}

/** Counts each sighting that no other account of this sweep has counted, and returns what is to be decided. */
function countSightings(account: Account, failing: ReadonlyMap<string, Sighting>): Map<string, Candidate> {
  const { seen, store, policy, cycleSeconds, now } = account.sweep;
  const { counters, confirmed } = store;
  const candidates = new Map<string, Candidate>();
  const counting = { account: account.id, policy, now: now(), cycleSeconds };
  for (const [id, sighting] of failing) {
    if (seen.has(id)) continue;
    seen.add(id);
    const deletion = confirmed.get(id);
    if (deletion && isUploadedAgain(deletion, sighting.magnet)) confirmed.delete(id);
    else if (deletion) {
      candidates.set(id, { sighting, record: deletion.record, stillThere: true });
      continue;
    }
    if (isOtherTorrent(counters.get(id)?.hash, sighting.magnet.hash)) {
      account.forget(id, `${REUSED}, which is counted from 1`);
    }
    const record = countSighting(counters.get(id), sighting, counting);
    counters.set(id, record);
    candidates.set(id, { sighting, record });
  }
  return candidates;
}

function previewPlan(account: Account): void {
  for (const [id, { decision, stillThere }] of account.plan.magnets) {
    const { action, reason } = decision;
    // It is not a line of the report, as in a sweep.
    if (stillThere && action === "delete")
      noteStillThere(account, id, "its deletion would be sent once more");
    // `noteCap` has noted what the cap holds.
    if (stillThere || (action === "hold" && decision.rule === "max_deletes_per_run")) continue;
    if (action !== "hold")
      account.note({ id, action: action === "restart" ? "restarted" : "deleted", reason });
    else account.note({ id, action: "held", reason: `${reason}; restarted instead`, restarted: true });
  }
}
