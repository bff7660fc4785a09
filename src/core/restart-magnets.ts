import { chunks } from "./concurrency.ts";
import type { AccountPlan, Decision } from "./decide.ts";
import { askById } from "./get-magnet.ts";
import type { RestartOutcome } from "./ports.ts";
import { limitOf } from "./sighting.ts";
import { type AccountSweep, accountFailed, noteResult, type SweepContext } from "./sweep-context.ts";

/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;

/** Restarts an account's magnets in batches, until its active slots are full or it refuses altogether. */
export async function restartMagnets(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
): Promise<void> {
  let ended: string | undefined;
  for (const batch of chunks(plan.restarts, BATCH)) {
    if (ctx.stopping.aborted) ended = "the sweep is being stopped";
    if (ended !== undefined) {
      for (const id of batch) note(ctx, account, plan, id, { kind: "unanswered", message: ended });
      ctx.progress?.restarted(batch.length);
      continue;
    }
    const answer = await account.client.restart(batch);
    if (answer.failure !== undefined) accountFailed(ctx, account, `restarting: ${answer.failure}`);
    for (const id of batch) {
      const outcome = answer.outcomes.get(id) ?? { kind: "unanswered", message: "the answer leaves it out" };
      if (await isGone(ctx, account, id, outcome)) {
        const { maxRetries } = limitOf(ctx.store.counters.get(id), ctx.policy);
        noteResult(ctx, account, { id, maxRetries, action: "forgotten", reason: "gone from the account" });
        ctx.store.counters.delete(id);
      } else {
        note(ctx, account, plan, id, outcome);
      }
    }
    ctx.progress?.restarted(batch.length);
    if (answer.slotsFull) ended = "all active slots of the account are taken (MAGNET_TOO_MANY_ACTIVE)";
    if (answer.accountRefused) ended = answer.failure ?? "the account refuses";
  }
  await ctx.store.saveCounters();
}

/** A restart that says `MAGNET_INVALID_ID` is checked by asking: forgetting needs that answer alone. */
async function isGone(
  ctx: SweepContext,
  account: AccountSweep,
  id: string,
  outcome: RestartOutcome,
): Promise<boolean> {
  if (outcome.kind !== "refused" || outcome.code !== "MAGNET_INVALID_ID") return false;
  return (await askById(ctx, account, id)).kind === "gone";
}

function note(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
  id: string,
  outcome: RestartOutcome,
): void {
  const record = ctx.store.counters.get(id);
  const decision = plan.decisions.get(id);
  if (!record || !decision) return;
  const running = outcome.kind === "refused" && outcome.code === "MAGNET_PROCESSING";
  if (outcome.kind === "accepted") record.restarts = (record.restarts ?? 0) + 1;
  if (outcome.kind === "accepted" || (outcome.kind === "refused" && outcome.own)) record.had_chance = true;
  if (decision.action === "hold") record.held = decision.reason;

  const restarted = outcome.kind === "accepted" || running;
  const action = decision.action === "hold" ? "held" : restarted ? "restarted" : "failed";
  noteResult(ctx, account, {
    id,
    maxRetries: limitOf(record, ctx.policy).maxRetries,
    action,
    reason: `${decision.reason}${explain(decision, outcome)}`,
  });
}

function explain(decision: Decision, outcome: RestartOutcome): string {
  if (outcome.kind === "accepted") return decision.action === "hold" ? "; restarted instead" : "";
  if (outcome.kind === "unanswered") return `; not restarted: ${outcome.message}`;
  if (outcome.code === "MAGNET_PROCESSING") return "; it is already running again";
  return `; restart refused: ${outcome.message}`;
}
