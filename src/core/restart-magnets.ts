import { chunks } from "./concurrency.ts";
import type { AccountPlan, Decision } from "./decide.ts";
import { getMagnet } from "./get-magnet.ts";
import type { RestartOutcome } from "./ports.ts";
import { noteChance } from "./sighting.ts";
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
  noteCapped(ctx, account, plan);
  let ended: string | undefined;
  for (const batch of chunks(plan.restarts, BATCH)) {
    if (ctx.stopping.signal.aborted) ended = "the sweep is being stopped";
    if (ended === undefined) {
      const response = await account.key.client.restart(batch);
      if (response.failure !== undefined) accountFailed(ctx, account, `restarting: ${response.failure}`);
      for (const id of batch) {
        const outcome = response.outcomes.get(id) ?? unanswered("missing from the response");
        // A restart that says `MAGNET_INVALID_ID` is checked by asking: forgetting needs that response alone.
        const mayBeGone = outcome.kind === "refused" && outcome.code === "MAGNET_INVALID_ID";
        // With an open intent, *gone* means that it was deleted here, which is for the intent to settle.
        const isDoubtful = ctx.store.intents.has(id);
        if (mayBeGone && !isDoubtful && (await getMagnet(ctx, account, id)).kind === "gone") {
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

/** What the cap holds waits for a person's word and is left as it is. */
function noteCapped(ctx: SweepContext, account: AccountSweep, plan: AccountPlan): void {
  if (!plan.cap) return;
  for (const [id, { record, confirmed }] of plan.candidates) {
    const decision = plan.decisions.get(id);
    if (decision?.action !== "hold" || decision.rule !== "max_deletes_per_run" || confirmed) continue;
    record.held = decision.reason;
    noteResult(ctx, account, {
      id,
      action: "held",
      reason: decision.reason,
      maxRetries: decision.maxRetries,
    });
  }
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
  const refusal = outcome.kind === "refused" ? outcome : undefined;
  if (outcome.kind === "accepted") record.restarts = (record.restarts ?? 0) + 1;
  if (outcome.kind === "accepted" || refusal?.chance) noteChance(record);
  else if (refusal && refusal.code !== "MAGNET_TOO_MANY_ACTIVE") {
    record.refused = { code: refusal.code, times: (record.refused?.times ?? 0) + 1 };
  }
  const held = decision.action === "hold";
  if (held) record.held = decision.reason;
  const isRunning = refusal?.code === "MAGNET_PROCESSING";
  const action = held ? "held" : outcome.kind === "accepted" || isRunning ? "restarted" : "failed";
  const reason = `${decision.reason}${explain(decision, outcome)}`;
  noteResult(ctx, account, { id, action, reason, maxRetries: decision.maxRetries });
}

function explain(decision: Decision, outcome: RestartOutcome): string {
  if (outcome.kind === "accepted") return decision.action === "hold" ? "; restarted instead" : "";
  if (outcome.kind === "unanswered") return `; not restarted: ${outcome.message}`;
  if (outcome.code === "MAGNET_PROCESSING") return "; it is already running again";
  return `; restart refused: ${outcome.message}`;
}
