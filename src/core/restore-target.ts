import type { Deletion } from "./deletion.ts";

/** An account as far as the choice needs it. */
export interface TargetAccount {
  readonly name: string;
  readonly fingerprint: string;
}

/** Where a deleted magnet is added again, or why nowhere. */
export type RestoreTarget<T> =
  | {
      readonly account: T;
      /** Set when it is not surely the account that owned the magnet. */
      readonly note?: string;
    }
  | { readonly problem: string };

/**
 * Chooses the account that a deleted magnet is added to: the one whose key deleted it; else, since keys are
 * replaced, the one of the same given name; else the only one. Nothing is added to one of several others by guess.
 */
export function restoreTarget<T extends TargetAccount>(
  { account: name, fingerprint }: Pick<Deletion, "account" | "fingerprint">,
  accounts: readonly T[],
): RestoreTarget<T> {
  const owner = accounts.find((account) => account.fingerprint === fingerprint);
  if (owner) return { account: owner };
  const gone = `the key it was deleted with (${name}) is not configured any more`;
  // A name by position says nothing once keys have changed places.
  const namesake = /^account \d+$/.test(name) ? undefined : accounts.find((account) => account.name === name);
  const [only, ...others] = accounts;
  const heir = namesake ?? (others.length === 0 ? only : undefined);
  if (heir) return { account: heir, note: `${gone}: added to ${heir.name}` };
  return { problem: `${gone}: put it, or an account named ${name}, into api_keys` };
}
