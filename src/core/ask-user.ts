import { AccountError } from "./account-error.ts";
import { refusesAll } from "./alert-cause.ts";
import type { AccountSweep, SweepContext } from "./sweep-context.ts";

const DAY_MS = 24 * 3600 * 1000;

/** Asks whose account it is, unless that was answered within a day. Needs no other answer first. */
export async function askUserDaily(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const askedAt = ctx.store.accounts.get(account.client.fingerprint)?.asked_at;
  const ageMs = ctx.now().getTime() - Date.parse(askedAt ?? "");
  // An answer from the future was noted by a clock that went wrong.
  if (!(ageMs >= 0 && ageMs < DAY_MS)) await askUser(ctx, account);
}

/** Asks whose account it is when the key was refused, unless this sweep did already. */
export async function askUserAfterRefusal(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const { asked, refusals } = account.evidence;
  if (!asked && [...refusals.keys()].some(refusesAll)) await askUser(ctx, account);
}

/** The answer, or what kept it away, is found in the account's evidence. */
async function askUser(ctx: SweepContext, account: AccountSweep): Promise<void> {
  if (ctx.dryRun || ctx.stopping.aborted) return;
  try {
    await account.client.user();
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
  }
}
