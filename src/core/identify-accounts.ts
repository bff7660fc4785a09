import { watchClient } from "./evidence.ts";
import { type AccountClient, AccountError } from "./ports.ts";
import type { AccountHealth } from "./records.ts";
import { Account, type Sweep, saveMagnets } from "./sweep-context.ts";
import { DAY_SECONDS, isPastLimit } from "./time.ts";

/** What belongs to an account is forgotten this long after the last sweep that had it. */
const KEPT_SECONDS = 90 * DAY_SECONDS;

/**
 * Finds out whose accounts the keys belong to: an account is the user that `/v4/user` names. A new key is asked for its
 * user first; until that succeeds it is an account of its own, whose state then moves to the user's account.
 */
export async function identifyAccounts(ctx: Sweep): Promise<Account[]> {
  const { store } = ctx;
  const accounts = new Map<string, Account>();
  const before = new Set(store.accounts.keys());
  const clients = ctx.clients.map(watchClient);
  const ids = await Promise.all(clients.map((client) => identify(client, store.accounts, ctx.fingerprint)));
  for (const [i, client] of clients.entries()) {
    const { fingerprint, name } = client;
    const id = ids[i] ?? fingerprint;
    if (id !== fingerprint) moveToAccount(ctx, fingerprint, id);
    const account = accounts.get(id);
    if (account) {
      account.clients.push(client);
      const first = account.name;
      ctx.log.warning(`${name} is the same AllDebrid account as ${first}: the first key that works is used`);
    } else {
      accounts.set(id, new Account(ctx, id, client));
    }
  }
  const found = [...accounts.values()];
  for (const account of found) {
    const ids = [account.id, ...account.clients.map(({ fingerprint }) => fingerprint)];
    const isNew = !ids.some((id) => before.has(id));
    if (isNew && account.known) inheritTrouble(ctx, found, account);
    noteAccount(ctx, account);
  }
  if (!ctx.dryRun) await forgetUnconfigured(ctx, accounts);
  await saveMagnets(ctx);
  await store.saveAccounts();
  return found;
}

/** The id of the account that a key belongs to, by the key's fingerprint; nothing while that is not known. */
export function accountIdOf(healths: ReadonlyMap<string, AccountHealth>, key: string): string | undefined {
  for (const [id, { keys }] of healths) if (keys?.includes(key)) return id;
  return undefined;
}

/** Like `accountIdOf`, but asks AllDebrid for what state does not know. */
export async function identify(
  client: Pick<AccountClient, "fingerprint" | "user">,
  healths: ReadonlyMap<string, AccountHealth>,
  fingerprint: (username: string) => string,
): Promise<string | undefined> {
  const known = accountIdOf(healths, client.fingerprint);
  if (known !== undefined) return known;
  try {
    return fingerprint((await client.user()).username);
  } catch (error) {
    if (error instanceof AccountError) return undefined;
    throw error;
  }
}

/** What state has under a key's fingerprint (as 1.0.0 wrote it) belongs to the key's account. */
function moveToAccount({ store }: Sweep, key: string, id: string): void {
  for (const record of store.counters.values()) if (record.account === key) record.account = id;
  for (const intent of store.intents.values()) if (intent.fingerprint === key) intent.fingerprint = id;
  for (const entry of store.confirmed.values()) if (entry.fingerprint === key) entry.fingerprint = id;
  const health = { ...store.accounts.get(key), ...store.accounts.get(id) };
  const keys = [...new Set([...(health.keys ?? []), key])];
  store.accounts.set(id, { ...health, name: health.name ?? "", keys });
  store.accounts.delete(key);
}

/** A name by position, which says nothing once keys have changed places. */
export const BY_POSITION = /^account \d+$/;

/**
 * A new account with the name of one that is no longer configured takes over its trouble, and nothing else: so
 * replacing a bad key is announced as "works again". Names by position say nothing once keys have changed places.
 */
function inheritTrouble({ store }: Sweep, found: Account[], { id, name }: Account): void {
  if (BY_POSITION.test(name)) return;
  const configured = new Set(found.map((account) => account.id));
  for (const [former, { trouble, told, ...rest }] of store.accounts) {
    if (configured.has(former) || rest.name !== name || !trouble) continue;
    store.accounts.set(former, rest);
    store.accounts.set(id, { name, ...store.accounts.get(id), trouble, ...(told && { told }) });
    return;
  }
}

/** Notes an account of this sweep, so that `status` can name it where the keys are not at hand. */
function noteAccount({ store, now }: Sweep, { id, name, clients }: Account): void {
  const { past_limit: _, ...known }: Partial<AccountHealth> = store.accounts.get(id) ?? {};
  // State of 1.0.0 notes it at the trouble itself, and met it before it told.
  if (known.trouble?.told) {
    const { told: _, ...trouble } = known.trouble;
    known.trouble = { ...trouble, sweeps: 2 };
    known.told = { code: trouble.code };
  }
  const own = new Set(clients.map(({ fingerprint }) => fingerprint));
  for (const [other, health] of store.accounts) {
    if (other !== id && health.keys) health.keys = health.keys.filter((key) => !own.has(key));
  }
  store.accounts.set(id, { ...known, name, last_swept: now().toISOString() });
}

/** Forgets what belongs to accounts that no sweep had for 90 days. Deletions in doubt are recorded as unconfirmed. */
async function forgetUnconfigured({ store, now, log }: Sweep, swept: ReadonlyMap<string, Account>) {
  const owners = [
    ...Array.from(store.counters.values(), ({ account }) => ({ id: account, name: "unknown" })),
    ...Array.from(store.intents.values(), ({ fingerprint, account }) => ({ id: fingerprint, name: account })),
  ];
  for (const { id, name } of owners) {
    if (id !== undefined && !swept.has(id) && !store.accounts.has(id)) store.accounts.set(id, { name });
  }
  for (const [id, health] of [...store.accounts]) {
    if (swept.has(id)) continue;
    // A time in the future stays: it may be this sweep's clock that is wrong.
    const kept = { last_swept: now().toISOString(), ...health };
    store.accounts.set(id, kept);
    if (!isPastLimit(kept, kept.last_swept, KEPT_SECONDS, now())) continue;
    log.info(`${health.name}: not configured for 90 days, so what was known of it is forgotten`);
    for (const intent of [...store.intents.values()].filter(({ fingerprint: owner }) => owner === id)) {
      const { requested_at: deleted_at, ...rest } = intent;
      await store.appendDeletion({ ...rest, deleted_at, confirmed: false });
      store.intents.delete(intent.id);
    }
    for (const [magnet, { account }] of store.counters) if (account === id) store.counters.delete(magnet);
    for (const [magnet, { fingerprint }] of store.confirmed)
      if (fingerprint === id) store.confirmed.delete(magnet);
    store.accounts.delete(id);
  }
}

/** What accounts are called, by their ids in `accounts.json`. */
export interface AccountNames {
  /** The configured accounts by id, in the configuration's order; one with several keys has the name of the first. */
  readonly configured: ReadonlyMap<string, string>;
  /** The name, with "(no longer configured)" where that is so; null when it is not known. */
  nameOf(id: string | undefined): string | null;
  /** Whether no key of it is configured any more. */
  isFormer(id: string | undefined): boolean;
  /** The accounts of that name; a name that a configured account has is nobody else's. */
  idsOf(name: string): readonly string[];
}

/**
 * Names accounts as the configuration does, else as the last sweep with them did; never under another's name. Unless
 * all keys were read (`areAllRead`), an account counts as former only if a configured one now has its name.
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
