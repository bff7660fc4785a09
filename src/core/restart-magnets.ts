import { chunks } from "./concurrency.ts";
import type { AccountPlan, Decision } from "./decide.ts";
import { getMagnet } from "./get-magnet.ts";
import type { RestartOutcome } from "./ports.ts";
import {
  type AccountSweep,
  accountFailed,
  forgetMagnet,
  noteResult,
  type SweepContext,
} from "./sweep-context.ts";

/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;

/** Restarts an account's magnets in batches, until its active slots are full or the account is refused. */
export async function restartMagnets(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
): Promise<void> {
  let ended: string | undefined;
  for (const batch of chunks(plan.restarts, BATCH)) {
    if (ctx.stopping.signal.aborted) ended = "the sweep is being stopped";
    if (ended === undefined) {
      const response = await account.client.restart(batch);
      if (response.failure !== undefined) accountFailed(ctx, account, `restarting: ${response.failure}`);
      for (const id of batch) {
        const outcome = response.outcomes.get(id) ?? unanswered("missing from the response");
        // A restart that says `MAGNET_INVALID_ID` is checked by asking: forgetting needs that response alone.
        const mayBeGone = outcome.kind === "refused" && outcome.code === "MAGNET_INVALID_ID";
        if (mayBeGone && (await getMagnet(ctx, account, id)).kind === "gone") {
          forgetMagnet(ctx, account, id, "gone from the account");
        } else {
          noteRestart(ctx, account, plan, id, outcome);
        }
      }
      if (response.slotsFull) ended = "all active slots of the account are taken (MAGNET_TOO_MANY_ACTIVE)";
      if (response.accountRefused) ended = response.failure ?? "the account is refused";
    } else {
      for (const id of batch) noteRestart(ctx, account, plan, id, unanswered(ended));
    }
    ctx.progress?.restarted(batch.length);
  }
  await ctx.store.saveCounters();
}

function unanswered(message: string): RestartOutcome {
  return { kind: "unanswered", message };
}

function noteRestart(
  ctx: SweepContext,
  account: AccountSweep,
  plan: AccountPlan,
  id: string,
  outcome: RestartOutcome,
): void {
  const record = ctx.store.counters.get(id);
  const decision = plan.decisions.get(id);
  if (!record || !decision) return;
  if (outcome.kind === "accepted") record.restarts = (record.restarts ?? 0) + 1;
  if (outcome.kind === "accepted" || (outcome.kind === "refused" && outcome.own)) record.had_chance = true;
  const held = decision.action === "hold";
  if (held) record.held = decision.reason;
  const running = outcome.kind === "refused" && outcome.code === "MAGNET_PROCESSING";
  const action = held ? "held" : outcome.kind === "accepted" || running ? "restarted" : "failed";
  noteResult(ctx, account, { id, action, reason: `${decision.reason}${explain(decision, outcome)}` });
}

function explain(decision: Decision, outcome: RestartOutcome): string {
  if (outcome.kind === "accepted") return decision.action === "hold" ? "; restarted instead" : "";
  if (outcome.kind === "unanswered") return `; not restarted: ${outcome.message}`;
  if (outcome.code === "MAGNET_PROCESSING") return "; it is already running again";
  return `; restart refused: ${outcome.message}`;
}
