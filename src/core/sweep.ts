import { forEachConcurrent } from "./concurrency.ts";
import { identifyAccounts } from "./identify-accounts.ts";
import { FAILING } from "./magnet.ts";
import { askUserAfterRefusal, askUserDaily, noteHealth } from "./note-health.ts";
import { describeUnmatched, trackedMagnets, unmatchedEntries } from "./protection.ts";
import type { AccountResult, MagnetResult } from "./report.ts";
import { settleAbsentMagnets } from "./settle-absent.ts";
import { finishRecordedDeletions } from "./settle-intents.ts";
import { sweepAccount } from "./sweep-account.ts";
import type { Account, Sweep, SweepInput } from "./sweep-context.ts";

/** What a sweep over all accounts found and did. */
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
