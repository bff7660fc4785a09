import type { AccountHealth } from "./account-health.ts";
import type { AccountClient, Store } from "./ports.ts";

/**
 * Notes the accounts of this sweep, so that `status` can name them where the keys are not at hand. A key that was
 * not seen before takes the place of the one that had the account's name until now: whether the account works
 * goes on with it, so that replacing a bad key is told as its end.
 */
export async function nameAccounts(store: Store, clients: readonly AccountClient[]): Promise<void> {
  const { accounts } = store;
  const configured = new Set(clients.map((client) => client.fingerprint));
  for (const { fingerprint, name } of clients) {
    const known = accounts.get(fingerprint) ?? succeed(accounts, configured, name);
    accounts.set(fingerprint, { ...known, name });
  }
  await store.saveAccounts();
}

function succeed(
  accounts: Map<string, AccountHealth>,
  configured: ReadonlySet<string>,
  name: string,
): Partial<AccountHealth> {
  for (const [fingerprint, former] of accounts) {
    if (configured.has(fingerprint) || former.name !== name) continue;
    const { trouble, premium_ending, ...rest } = former;
    accounts.set(fingerprint, rest);
    return { ...(trouble && { trouble }), ...(premium_ending && { premium_ending }) };
  }
  return {};
}
