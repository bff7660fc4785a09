import { chunks } from "./concurrency.ts";
import type { Decision, HoldRule } from "./decide.ts";
import { SLOTS_FULL } from "./evidence.ts";
import { getMagnet } from "./get-magnet.ts";
import type { RestartOutcome } from "./ports.ts";
import { noteChance } from "./sighting.ts";
import { type Account, queueNotices } from "./sweep-context.ts";
import { quoted } from "./text.ts";

/** Magnets in one request; PHP reads at most 1,000 form fields. */
const BATCH = 100;
/** A restart that finds the magnet running is as good as an accepted one. */
const RUNNING = "MAGNET_PROCESSING";
const NO_SLOT: RestartOutcome = { kind: "refused", code: SLOTS_FULL, message: "", chance: false };

/** Restarts an account's magnets in batches, until its active slots are full or the account is refused. */
export async function restartMagnets(account: Account): Promise<void> {
  const { store, results, progress } = account.sweep;
  /** The outcome of all that is not sent any more. */
  let ended: RestartOutcome | undefined;
  for (const batch of chunks(account.plan.restarts, BATCH)) {
    if (account.isStopped) {
      for (const id of batch) account.noteNotStarted(id);
    } else if (ended) {
      for (const id of batch) noteRestart(account, id, ended);
    } else {
      const { outcomes, failure } = await account.client.restart(batch);
      if (failure) account.noteFailure(`restarting: ${failure.message}`);
      for (const id of batch) {
        const outcome = outcomes.get(id) ?? unanswered("missing from the response");
        if (outcome.kind === "refused" && outcome.code === SLOTS_FULL) ended = NO_SLOT;
        // A restart that says `MAGNET_INVALID_ID` is checked by asking: forgetting needs that response alone.
        const mayBeGone = outcome.kind === "refused" && outcome.code === "MAGNET_INVALID_ID";
        // With an open intent, *gone* means that it was deleted here, which is for the intent to settle.
        const isDoubtful = store.intents.has(id);
        if (outcome.kind === "unanswered" && account.isStopped) account.noteNotStarted(id);
        else if (mayBeGone && !isDoubtful && (await getMagnet(account, id)).kind === "gone") {
          account.forget(id, "gone from the account");
        } else noteRestart(account, id, outcome);
      }
      if (failure) ended = unanswered(failure.message);
    }
    const waiting = batch.filter((id) => results.get(id)?.waits === "slot").length;
    progress?.waiting(waiting);
    progress?.restarted(batch.length - waiting);
  }
  await store.saveCounters();
}

function unanswered(message: string): RestartOutcome {
  return { kind: "unanswered", message };
}

function noteRestart(account: Account, id: string, outcome: RestartOutcome): void {
  const record = account.sweep.store.counters.get(id);
  const decision = account.plan.magnets.get(id)?.decision;
  if (!record || !decision) return;
  const refusal = outcome.kind === "refused" ? outcome : undefined;
  const waits = refusal?.code === SLOTS_FULL;
  if (outcome.kind === "accepted") record.restarts = (record.restarts ?? 0) + 1;
  if (outcome.kind === "accepted" || refusal?.chance) noteChance(record);
  else if (refusal && !waits)
    record.refused = { code: refusal.code, times: (record.refused?.times ?? 0) + 1 };
  const rule = decision.action === "hold" ? decision.rule : undefined;
  if (rule) record.held = decision.reason;
  const restarted = outcome.kind === "accepted" || refusal?.code === RUNNING;
  account.note({
    id,
    action: rule || waits ? "held" : restarted ? "restarted" : "failed",
    ...(rule && restarted && { restarted: true }),
    ...(waits && { waits: "slot" }),
    reason: `${decision.reason}${explain(decision, outcome)}`,
    counted: countedAs(rule, outcome, waits),
  });
}

/** The log only counts what is as it was in the last sweep, and what was not restarted for one common reason. */
function countedAs(rule: HoldRule | undefined, outcome: RestartOutcome, waits: boolean) {
  if (waits) return { label: "wait for a free slot" };
  if (outcome.kind === "unanswered") return { label: `not restarted: ${outcome.message}`, always: true };
  if (outcome.kind === "accepted") return rule && { label: `held back (${rule}) and restarted, as before` };
  if (outcome.code === RUNNING) return { label: "already running again, as before" };
  return { label: `not restarted, as before (${outcome.code})` };
}

function explain(decision: Decision, outcome: RestartOutcome): string {
  if (outcome.kind === "accepted") return decision.action === "hold" ? "; restarted instead" : "";
  if (outcome.kind === "unanswered") return `; not restarted: ${outcome.message}`;
  if (outcome.code === SLOTS_FULL) return "; waits for a free slot";
  if (outcome.code === RUNNING) return "; it is already running again";
  return `; restart refused: ${outcome.message}`;
}

/** Where the cap holds, tells the owner: in the log at each sweep, on Discord once until it no longer holds. */
export async function noteCap(account: Account): Promise<void> {
  const { id, name, plan, sweep } = account;
  const { store, command = "magnets", announce, attention, log, now, newKey } = sweep;
  const health = store.accounts.get(id);
  if (!plan.cap) {
    // A list that did not answer may hide what is due: only a complete sweep ends the hold.
    if (!health?.cap_told || account.unanswered.size > 0) return;
    const { cap_told: _, ...rest } = health;
    store.accounts.set(id, rest);
    return store.saveAccounts();
  }
  for (const [magnet, { record, decision, stillThere }] of plan.magnets) {
    if (decision.action !== "hold" || decision.rule !== "max_deletes_per_run" || stillThere) continue;
    record.held = decision.reason;
    const counted = { label: "wait for a person's word (max_deletes_per_run)" };
    account.note({ id: magnet, action: "held", reason: decision.reason, counted });
  }
  const { due, maxDeletes } = plan.cap;
  const line = `${name}: ${due} deletions are due but max_deletes_per_run is ${maxDeletes}, so none is done. To delete them: ${command} run-once --max-deletes 0. To give them all another try: ${command} reset ${quoted(name)}`;
  attention.push(line);
  log.warning(line);
  if (health?.cap_told || !announce) return;
  const cap = { kind: "cap", key: newKey(), at: now().toISOString(), account: name, due } as const;
  await queueNotices(sweep, [{ ...cap, max_deletes: maxDeletes }]);
  store.accounts.set(id, { ...health, name, cap_told: true });
  await store.saveAccounts();
}
