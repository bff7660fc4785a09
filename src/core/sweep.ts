import { foldRecordedDeletions } from "./delete-magnets.ts";
import { askUserAfterRefusal, askUserDaily, nameAccounts, noteHealth } from "./note-health.ts";
import type { AccountClient } from "./ports.ts";
import { recover } from "./recover.ts";
import type { AccountResult, MagnetResult } from "./report.ts";
import { sweepAccount } from "./sweep-account.ts";
import { type AccountSweep, beginAccount, type SweepContext } from "./sweep-context.ts";

/** What a sweep works with. */
export interface SweepInput
  extends Pick<
    SweepContext,
    "store" | "policy" | "log" | "now" | "sleep" | "newKey" | "longestGapSeconds" | "progress"
  > {
  readonly clients: readonly AccountClient[];
  /** Aborted once nothing new may be begun; the sweep aborts it itself when state can't be kept. */
  readonly stopping: AbortController;
  /** A webhook is configured. */
  readonly announce: boolean;
  /** The store must be one whose saves do nothing. */
  readonly dryRun: boolean;
}

/** What a sweep over all accounts found and did. */
export interface SweepOutcome {
  readonly accounts: AccountResult[];
  readonly magnets: MagnetResult[];
  /** What needs the owner's attention, a line each; none: all went well. */
  readonly attention: readonly string[];
}

/**
 * Sweeps all accounts side by side, once. An account's trouble stays its own.
 * @throws StateError when something can't be kept on disk; nothing new is begun from then on.
 */
export async function sweep(input: SweepInput): Promise<SweepOutcome> {
  const ctx: SweepContext = {
    ...input,
    announce: input.announce && !input.dryRun,
    stopping: input.stopping.signal,
    results: new Map(),
    reasons: new Map(),
    swept: new Set(input.clients.map((client) => client.fingerprint)),
    seen: new Set(),
    due: new Set(),
    attention: [],
  };
  const accounts = input.clients.map(beginAccount);
  await nameAccounts(ctx.store, input.clients);
  await foldRecordedDeletions(ctx);
  await allOrStop(input.stopping, accounts, (account) => sweepAndJudge(ctx, account));
  if (!ctx.stopping.aborted) await recover(ctx, accounts);
  const results = accounts.map(resultOf);
  for (const { ok, name, error } of results) if (!ok) ctx.attention.push(`${name}: ${error}`);
  return { accounts: results, magnets: [...ctx.results.values()], attention: ctx.attention };
}

/** The daily question for the account itself goes side by side with the sweep and does not lengthen it. */
async function sweepAndJudge(ctx: SweepContext, account: AccountSweep): Promise<void> {
  await Promise.all([sweepAccount(ctx, account), askUserDaily(ctx, account)]);
  await askUserAfterRefusal(ctx, account);
  await noteHealth(ctx, account);
}

/** Waits for every account; the first failure to keep state stops the others from beginning anything new. */
async function allOrStop(
  stopping: AbortController,
  accounts: readonly AccountSweep[],
  work: (account: AccountSweep) => Promise<void>,
): Promise<void> {
  const ended = await Promise.allSettled(
    accounts.map((account) =>
      work(account).catch((error) => {
        stopping.abort();
        throw error;
      }),
    ),
  );
  for (const result of ended) if (result.status === "rejected") throw result.reason;
}

function resultOf({ client, errors }: AccountSweep): AccountResult {
  return { name: client.name, ok: errors.length === 0, error: errors.length > 0 ? errors.join("; ") : null };
}
