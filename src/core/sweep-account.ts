import { type AccountPlan, planAccount } from "./decide.ts";
import { deleteMagnets, settleIntents } from "./delete-magnets.ts";
import type { FailingStatus, Magnet } from "./magnet.ts";
import { noteCap } from "./note-health.ts";
import { AccountError } from "./ports.ts";
import { restartMagnets } from "./restart-magnets.ts";
import { countSighting, limitFor, limitOf, mergeLists, type Sighting, type Sightings } from "./sighting.ts";
import {
  type AccountSweep,
  accountFailed,
  describe,
  noteResult,
  type SweepContext,
} from "./sweep-context.ts";

const FAILING: readonly FailingStatus[] = ["expired", "error"];

/** Sweeps one account: list, count, decide, restart, delete. Trouble of the account's ends in `account.errors`. */
export async function sweepAccount(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const plan = await countAndPlan(ctx, account);
  await ctx.store.saveCounters();
  await noteCap(ctx, account, plan);
  if (ctx.dryRun) return foretell(ctx, account, plan);
  ctx.progress?.planned(plan.restarts.length, plan.deletions.length);
  await restartMagnets(ctx, account, plan);
  await deleteMagnets(ctx, account, plan);
}

/** What the lists hold goes with this function's end: many accounts wait side by side for their turn to restart. */
async function countAndPlan(ctx: SweepContext, account: AccountSweep): Promise<AccountPlan> {
  const lists = await listFailing(ctx, account);
  const seen = mergeLists(lists, (id) => unseenStatus(ctx, account, id));
  await settleIntents(ctx, account, seen);
  const sightings = count(ctx, account, seen);
  return decideAll(ctx, sightings, seen);
}

/** The lists that answered. One that did not never stops the other. */
async function listFailing(
  ctx: SweepContext,
  account: AccountSweep,
): Promise<Map<FailingStatus, readonly Magnet[]>> {
  const lists = new Map<FailingStatus, readonly Magnet[]>();
  const failures = new Map<string, FailingStatus[]>();
  const answers = await Promise.allSettled(FAILING.map((status) => account.client.list(status)));
  for (const [i, status] of FAILING.entries()) {
    const answer = answers[i];
    if (answer?.status === "fulfilled") {
      lists.set(status, answer.value.magnets);
      continue;
    }
    if (!(answer?.reason instanceof AccountError)) throw answer?.reason;
    account.unanswered.add(status);
    failures.set(answer.reason.message, [...(failures.get(answer.reason.message) ?? []), status]);
  }
  for (const [message, [first, second]] of failures) {
    const which = second === undefined ? `the ${first} list` : `the ${first} and ${second} lists`;
    accountFailed(ctx, account, `${which}: ${message}`);
  }
  return lists;
}

/**
 * The status under which a magnet was sighted last, where that list does not answer now: a magnet of both
 * lists must not fall under the lower `max_retries` because the other list is missing.
 */
function unseenStatus(
  { store }: SweepContext,
  { unanswered }: AccountSweep,
  id: string,
): FailingStatus | undefined {
  const last = store.counters.get(id)?.last_status;
  return FAILING.find((status) => status === last && unanswered.has(status));
}

/** Counts each sighting that no other account of this sweep has counted, and says which those are. */
function count(ctx: SweepContext, account: AccountSweep, seen: Sightings): Map<string, Sighting> {
  for (const magnet of seen.contradictory) {
    ctx.seen.add(magnet.id);
    const name = describe(magnet.id, magnet.filename);
    ctx.log.warning(`${account.client.name}: ${name} is listed as failing but says it is ready: left alone`);
  }
  const mine = new Map<string, Sighting>();
  for (const [id, sighting] of seen.failing) {
    if (ctx.seen.has(id)) continue;
    ctx.seen.add(id);
    mine.set(id, sighting);
    const record = countSighting(ctx.store.counters.get(id), sighting, {
      account: account.client.fingerprint,
      status: limitFor(sighting.statuses, ctx.policy).status,
      now: ctx.now(),
      longestGapSeconds: ctx.longestGapSeconds,
    });
    ctx.store.counters.set(id, record);
  }
  return mine;
}

/** In the same breath as the counting, so that another key of the account finds its magnets counted and due. */
function decideAll(
  ctx: SweepContext,
  sightings: ReadonlyMap<string, Sighting>,
  { failing }: Sightings,
): AccountPlan {
  const elsewhere = [...failing.keys()].filter((id) => !sightings.has(id) && ctx.due.has(id));
  const plan = planAccount(sightings, ctx.store.counters, ctx.policy, elsewhere.length);
  for (const id of plan.due) ctx.due.add(id);
  return plan;
}

/** The results of a dry run: what the plan says. */
function foretell(ctx: SweepContext, account: AccountSweep, plan: AccountPlan): void {
  const actions = { restart: "restarted", delete: "deleted", hold: "held" } as const;
  for (const [id, decision] of plan.decisions) {
    const { maxRetries } = limitOf(ctx.store.counters.get(id), ctx.policy);
    const reason = decision.action === "hold" ? `${decision.reason}; restarted instead` : decision.reason;
    noteResult(ctx, account, { id, maxRetries, action: actions[decision.action], reason });
  }
}
