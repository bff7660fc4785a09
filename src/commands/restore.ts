import { Api } from "../alldebrid/client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import { type UploadOutcome, uploadMagnets } from "../alldebrid/upload-magnets.ts";
import type { AccountConfig } from "../config/config.ts";
import {
  type Restorable,
  type RestoreReport,
  type RestoreResult,
  restorables,
  restoreTarget,
} from "../core/restore.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { createDeletionsLog, DELETIONS_FILE } from "../state/deletions-log.ts";
import { nodeFileSystem } from "../state/file-system.ts";
import { toJson } from "../terminal/json.ts";
import { renderRestorables, renderRestored } from "../terminal/render-restore.ts";
import type { Invocation } from "./invocation.ts";
import { type Ready, setUp } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

/** The options of `magnets restore`. */
export interface RestoreOptions {
  readonly json?: boolean;
}

const LONGEST_RESTORE_MS = 10 * 60_000;

/**
 * `magnets restore [id...]`: adds deleted magnets again from their hashes; without ids, lists them. It changes no state
 * and takes no lock: adding the same magnet twice adds it once.
 */
export async function restore(
  invocation: Invocation,
  ids: readonly string[],
  { json }: RestoreOptions,
): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: ids.length > 0 });
  if (setup.handedOver !== undefined) return setup.handedOver;
  const { config, log } = setup;
  // This file alone: damage elsewhere in the state must not stand in the way.
  const { deletions, badLines } = await createDeletionsLog(nodeFileSystem, config.stateDir).read();
  for (const line of badLines) log.warning(`${DELETIONS_FILE}: line ${line} can't be read and is skipped`);
  const known = restorables(deletions);
  if (ids.length === 0) {
    invocation.print(json ? [toJson(listDocument(known))] : renderRestorables(known, invocation));
    return ExitCode.ok;
  }
  const wanted = choose(known, ids);
  const stop = createStopControl(LONGEST_RESTORE_MS, log);
  try {
    const magnets = await addAgain(wanted, setup, stop);
    const failed = magnets.some(({ restored }) => !restored);
    const exitCode = stop.exitCode() ?? (failed ? ExitCode.failed : ExitCode.ok);
    const report: RestoreReport = { version: 1, exit_code: exitCode, magnets };
    invocation.print(json ? [toJson(report)] : renderRestored(report, invocation));
    return exitCode;
  } finally {
    stop.dispose();
  }
}

function choose(known: readonly Restorable[], ids: readonly string[]): Restorable[] {
  const byId = new Map(known.map((each) => [each.deletion.id, each]));
  const chosen = [...new Set(ids)];
  const missing = chosen.filter((id) => !byId.has(id));
  if (missing.length > 0) {
    throw new UsageError(
      `no recorded deletion of ${missing.join(", ")}: nothing was restored; run magnets restore to see the ids`,
    );
  }
  return chosen.flatMap((id) => byId.get(id) ?? []);
}

/** Adds magnets to their accounts; one that fails does not stop the others. */
async function addAgain(
  wanted: readonly Restorable[],
  { config, log }: Ready,
  stop: StopControl,
): Promise<RestoreResult[]> {
  const limiter = new RateLimiter();
  const targets = wanted.map((each) => targetOf(each, config.accounts));
  const outcomes = new Map<AccountConfig, ReadonlyMap<string, UploadOutcome>>();
  await Promise.all(
    config.accounts.map(async (account) => {
      const { name, key } = account;
      const api = new Api(key, {
        apiUrl: config.apiUrl,
        limiter,
        ...stop.signals,
        debug: (message) => log.debug(`${name}: ${message}`),
      });
      const hashes = targets.flatMap((target) => (target.account === account ? target.hash : []));
      outcomes.set(account, await uploadMagnets(api, hashes));
    }),
  );
  return targets.map(({ account, hash, result }) => {
    const outcome = account && outcomes.get(account)?.get(hash);
    if (!outcome) return result;
    return outcome.kind === "added"
      ? { ...result, restored: true, new_id: outcome.id, ready: outcome.ready }
      : { ...result, error: outcome.message };
  });
}

/** Where a magnet is to be added, and what is known of it before; without an account, why it can't be added. */
type Target =
  | { readonly account: AccountConfig; readonly hash: string; readonly result: RestoreResult }
  | { readonly account?: undefined; readonly hash?: undefined; readonly result: RestoreResult };

function targetOf({ deletion, hash }: Restorable, accounts: readonly AccountConfig[]): Target {
  const result: RestoreResult = {
    id: deletion.id,
    filename: deletion.filename ?? null,
    account: deletion.account,
    hash: hash ?? null,
    restored: false,
    new_id: null,
    ready: null,
    error: null,
    note: null,
  };
  if (hash === undefined) {
    return { result: { ...result, error: "its hash is not known, so it can't be added again" } };
  }
  const target = restoreTarget(deletion, accounts);
  if ("problem" in target) return { result: { ...result, error: target.problem } };
  const { account, note = null } = target;
  return { account, hash, result: { ...result, account: account.name, note } };
}

/** The document of `magnets restore --json`. */
function listDocument(known: readonly Restorable[]) {
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
