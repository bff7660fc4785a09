import { accountIdOf } from "./identify-accounts.ts";
import type { AccountHealth } from "./records.ts";

/** What accounts are called, by their ids in `accounts.json`. */
export interface AccountNames {
  /** The configured accounts in the configuration's order, by id; of several keys of one account the first's name. */
  readonly configured: ReadonlyMap<string, string>;
  /** An account that no key is configured for is named as just that; null when its name is not known. */
  nameOf(id: string | undefined): string | null;
  /** Whether no key of it is configured any more. */
  isFormer(id: string | undefined): boolean;
  /** The accounts of that name; a name that a configured account has is nobody else's. */
  idsOf(name: string): readonly string[];
}

/**
 * Names accounts as the configuration does, and all others by what the last sweep with them called them. An account is
 * never shown under another's name.
 *
 * @param keys The configured keys.
 * @param areAllRead False where a configured key could not be read: then nobody can be said to be no longer configured.
 */
export function nameAccounts(
  healths: ReadonlyMap<string, AccountHealth>,
  keys: readonly { readonly name: string; readonly fingerprint: string }[],
  areAllRead = true,
): AccountNames {
  const configured = new Map<string, string>();
  const byName = new Map<string, string[]>();
  for (const { name, fingerprint } of keys) {
    const id = accountIdOf(healths, fingerprint) ?? fingerprint;
    if (!configured.has(id)) configured.set(id, name);
    byName.set(name, [id]);
  }
  const given = new Set(byName.keys());
  const isFormer = (id = "") => {
    const name = healths.get(id)?.name;
    return !configured.has(id) && name !== undefined && (areAllRead || given.has(name));
  };
  const nameOf = (id = "") => {
    const name = configured.get(id) ?? healths.get(id)?.name;
    if (name === undefined) return null;
    return isFormer(id) ? `${name} (no longer configured)` : name;
  };
  for (const [id, { name }] of healths) {
    if (configured.has(id)) continue;
    for (const each of new Set([name, nameOf(id) ?? name])) {
      if (!given.has(each)) byName.set(each, [...(byName.get(each) ?? []), id]);
    }
  }
  return { configured, nameOf, isFormer, idsOf: (name) => byName.get(name) ?? [] };
}
