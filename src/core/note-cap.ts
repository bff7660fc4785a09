import type { AccountPlan } from "./plan-account.ts";
import type { AccountSweep, SweepContext } from "./sweep-context.ts";

/**
 * Tells the owner that `max_deletes_per_run` holds: in the log at each sweep, on Discord once until it no longer does.
 */
export async function noteCap(ctx: SweepContext, account: AccountSweep, plan: AccountPlan): Promise<void> {
  const { store } = ctx;
  const { name, fingerprint } = account.client;
  const health = store.accounts.get(fingerprint);
  if (!plan.cap) {
    // A list that did not answer may hide what is due: only a whole look ends the hold.
    if (health?.cap_told && account.unanswered.size === 0) {
      const { cap_told: _, ...rest } = health;
      store.accounts.set(fingerprint, rest);
      await store.saveAccounts();
    }
    return;
  }
  const { due, maxDeletes } = plan.cap;
  // The other key of the account, which took the magnets over, tells; this one must not tell again next time.
  if (plan.due.length === 0) return rememberTold(ctx, account);
  const line = `${name}: ${due} deletions are due but max_deletes_per_run is ${maxDeletes}, so none is done; to go on: magnets run-once --max-deletes 0`;
  ctx.attention.push(line);
  ctx.log.warning(line);
  if (health?.cap_told || !ctx.announce) return;
  const at = ctx.now().toISOString();
  store.outbox.pending.push({
    kind: "cap",
    key: ctx.newKey(),
    at,
    account: name,
    due,
    max_deletes: maxDeletes,
  });
  await store.saveOutbox();
  await rememberTold(ctx, account);
}

async function rememberTold({ store, announce }: SweepContext, { client }: AccountSweep): Promise<void> {
  const { fingerprint, name } = client;
  const health = store.accounts.get(fingerprint);
  if (health?.cap_told || !announce) return;
  store.accounts.set(fingerprint, { ...health, name, cap_told: true });
  await store.saveAccounts();
}
