import { type AccountPlan, planAccount } from "./decide.ts";
import { deleteMagnets, settleIntents } from "./delete-magnets.ts";
import type { FailingStatus, Magnet } from "./magnet.ts";
import { noteCap } from "./note-health.ts";
import { AccountError } from "./ports.ts";
import { restartMagnets } from "./restart-magnets.ts";
import { countSighting, limitFor, mergeLists, type Sighting } from "./sighting.ts";
import { type AccountSweep, accountFailed, noteResult, type SweepContext } from "./sweep-context.ts";
import { describeMagnet } from "./text.ts";

const FAILING: readonly FailingStatus[] = ["expired", "error"];

/** Sweeps one account: list, count, decide, restart, delete. Trouble of the account ends in `account.errors`. */
export async function sweepAccount(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const plan = await countAndPlan(ctx, account);
  await ctx.store.saveCounters();
  await noteCap(ctx, account, plan);
  if (ctx.dryRun) return previewPlan(ctx, account, plan);
  ctx.progress?.planned(plan.restarts.length, plan.deletions.length);
  await restartMagnets(ctx, account, plan);
  await deleteMagnets(ctx, account, plan);
}

/** The lists are let go when this returns: many accounts wait for their turn to restart, each with a plan only. */
async function countAndPlan(ctx: SweepContext, account: AccountSweep): Promise<AccountPlan> {
  const lists = await listFailing(ctx, account);
  const { failing, contradictory } = mergeLists(lists, (id) => unseenStatus(ctx, account, id));
  await settleIntents(ctx, account, [...failing.keys(), ...contradictory.map(({ id }) => id)]);
  for (const { id, filename } of contradictory) {
    ctx.seen.add(id);
    const line = `${describeMagnet(id, filename)} is listed as failing but says that it is ready: left alone`;
    ctx.log.warning(`${account.client.name}: ${line}`);
  }
  // From here on without a pause, so that another key of the account finds its magnets counted and due.
  const mine = countSightings(ctx, account, failing);
  const dueElsewhere = [...failing.keys()].filter((id) => !mine.has(id) && ctx.due.has(id));
  const plan = planAccount(mine, ctx.store.counters, ctx.policy, dueElsewhere.length);
  for (const id of plan.due) ctx.due.add(id);
  return plan;
}

/** The lists that answered. One that did not never stops the other. */
async function listFailing(
  ctx: SweepContext,
  account: AccountSweep,
): Promise<Map<FailingStatus, readonly Magnet[]>> {
  const lists = new Map<FailingStatus, readonly Magnet[]>();
  const failures = new Map<string, FailingStatus[]>();
  const responses = await Promise.allSettled(FAILING.map((status) => account.client.list(status)));
  for (const [i, response] of responses.entries()) {
    const status = FAILING[i] as FailingStatus;
    if (response.status === "fulfilled") {
      lists.set(status, response.value.magnets);
      continue;
    }
    if (!(response.reason instanceof AccountError)) throw response.reason;
    account.unanswered.add(status);
    const { message } = response.reason;
    failures.set(message, [...(failures.get(message) ?? []), status]);
  }
  for (const [message, statuses] of failures) {
    const which = statuses.length > 1 ? "the expired and error lists" : `the ${statuses[0]} list`;
    accountFailed(ctx, account, `${which}: ${message}`);
  }
  return lists;
}

/**
 * The status with which a magnet was sighted last, where that list does not answer now: a magnet of both lists must
 * not fall under the lower `max_retries` because the other list is missing.
 */
function unseenStatus(
  { store }: SweepContext,
  { unanswered }: AccountSweep,
  id: string,
): FailingStatus | undefined {
  const last = store.counters.get(id)?.last_status;
  return FAILING.find((status) => status === last && unanswered.has(status));
}

/** Counts each sighting that no other account of this sweep has counted, and returns those. */
function countSightings(
  ctx: SweepContext,
  account: AccountSweep,
  failing: ReadonlyMap<string, Sighting>,
): Map<string, Sighting> {
  const mine = new Map<string, Sighting>();
  for (const [id, sighting] of failing) {
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

/** The results of a dry run: what the plan says. */
function previewPlan(ctx: SweepContext, account: AccountSweep, plan: AccountPlan): void {
  const actions = { restart: "restarted", delete: "deleted", hold: "held" } as const;
  for (const [id, decision] of plan.decisions) {
    const reason = decision.action === "hold" ? `${decision.reason}; restarted instead` : decision.reason;
    noteResult(ctx, account, { id, action: actions[decision.action], reason });
  }
}
