import type { ExitCode } from "../errors.ts";
import { accountIdOf, BY_POSITION } from "./identify-accounts.ts";
import { normalizeHash } from "./magnet.ts";
import type { AccountHealth, Deletion } from "./records.ts";

/** A deletion on record, and the hash by which the magnet can be added again. */
export interface Restorable {
  readonly deletion: Deletion;
  /** In small hex digits; absent when none is known, so that it can't be restored. */
  readonly hash?: string | undefined;
}

/** Newest first, each magnet once with its last deletion. The order is the record's own: clocks go wrong. */
export function restorables(deletions: readonly Deletion[]): Restorable[] {
  const newest = new Map<string, Restorable>();
  for (const deletion of deletions) {
    newest.delete(deletion.id);
    newest.set(deletion.id, { deletion, hash: hashOf(deletion) });
  }
  return [...newest.values()].reverse();
}

function hashOf({ hash, magnet }: Deletion): string | undefined {
  const linked = /^magnet:\?(?:.*&)?xt=urn:bt(?:ih:|mh:1220)([0-9a-z]+)/i.exec(magnet ?? "")?.[1];
  return normalizeHash(hash) ?? normalizeHash(linked);
}

/** An account that a magnet can be added to, by one of its keys; an id that is not known is the key's fingerprint. */
type TargetAccount = Readonly<Record<"name" | "fingerprint" | "id", string>>;

/**
 * Chooses the account that a deleted magnet is added to: the one that it was deleted from; else the one of the same
 * given name; else the only one. It never guesses among several. `note`: it may not be the account that owned the
 * magnet; `problem`: why none was chosen.
 */
export function restoreTarget(
  { account: name, fingerprint }: Pick<Deletion, "account" | "fingerprint">,
  accounts: readonly TargetAccount[],
  healths: ReadonlyMap<string, AccountHealth>,
): { readonly account?: TargetAccount; readonly note?: string; readonly problem?: string } {
  // Records of 1.0.0 name the key.
  const id = accountIdOf(healths, fingerprint) ?? fingerprint;
  const owner = accounts.find((account) => account.id === id || account.fingerprint === fingerprint);
  if (owner) return { account: owner };
  const gone = `the account it was deleted from (${name}) is not configured any more`;
  const namesake = BY_POSITION.test(name) ? undefined : accounts.find((account) => account.name === name);
  const [only, ...others] = accounts;
  const heir = namesake ?? (others.every((other) => other.id === only?.id) ? only : undefined);
  if (heir) return { account: heir, note: `${gone}: added to ${heir.name}` };
  return { problem: `${gone}: put its key, or an account named ${name}, into api_keys` };
}

/** Decides where a deleted magnet is added again; `result` is its entry in the report before anything is sent. */
export function planRestore(
  { deletion, hash }: Restorable,
  accounts: readonly TargetAccount[],
  healths: ReadonlyMap<string, AccountHealth>,
) {
  const unknown = { problem: "its hash is not known, so it can't be added again" };
  const target: ReturnType<typeof restoreTarget> =
    hash === undefined ? unknown : restoreTarget(deletion, accounts, healths);
  const { account, note = null, problem = null } = target;
  const result: RestoreResult = {
    id: deletion.id,
    filename: deletion.filename ?? null,
    account: account?.name ?? deletion.account,
    hash: hash ?? null,
    restored: false,
    new_id: null,
    ready: null,
    error: problem,
    note,
  };
  return { account, hash, result };
}

/** What became of one magnet that was to be restored. `id` is the one it was deleted with; its name is raw. */
export interface RestoreResult {
  id: string;
  filename: string | null;
  /** The account it was added to, or should have been. */
  account: string | null;
  hash: string | null;
  restored: boolean;
  /** The id it has now; null where AllDebrid did not say it. */
  new_id: string | null;
  /** It is complete already; null where that is not known. */
  ready: boolean | null;
  error: string | null;
  /** What the person should know though it went well. */
  note: string | null;
}

/** What `magnets restore id...` did: its document with `--json`. */
export interface RestoreReport {
  version: 1;
  exit_code: ExitCode;
  magnets: RestoreResult[];
}

/** The document of `magnets restore --json`: what was deleted, and whether it can be restored. */
export function listRestorables(known: readonly Restorable[]) {
  return {
    version: 1,
    deletions: known.map(({ deletion, hash }) => ({
      id: deletion.id,
      filename: deletion.filename ?? null,
      size: deletion.size ?? null,
      hash: hash ?? null,
      account: deletion.account,
      deleted_at: deletion.deleted_at,
      restorable: hash !== undefined,
    })),
  };
}
