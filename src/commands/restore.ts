import { Api } from "../alldebrid/client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import { type UploadOutcome, uploadMagnets } from "../alldebrid/upload-magnets.ts";
import type { AccountConfig, Config } from "../config/config.ts";
import {
  type Restorable,
  type RestoreReport,
  type RestoreResult,
  restorables,
  restoreTarget,
} from "../core/restore.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { createDeletionsLog, DELETIONS_FILE } from "../state/deletions-log.ts";
import { nodeFileSystem } from "../state/file-system.ts";
import type { Log } from "../terminal/log.ts";
import { renderRestorables, renderRestored } from "../terminal/render-restore.ts";
import { printJson } from "../terminal/render-run.ts";
import type { Invocation } from "./invocation.ts";
import { begin } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

/** It ends itself after this long. */
const LONGEST_MS = 10 * 60_000;

/** Adds deleted magnets again, each under its account; one that fails stops no other. */
export async function restoreMagnets(input: {
  readonly config: Pick<Config, "accounts" | "apiUrl">;
  readonly log: Log;
  readonly wanted: readonly Restorable[];
}): Promise<RestoreReport> {
  const { config, log, wanted } = input;
  const targets = wanted.map((each) => targetOf(each, config.accounts));
  const stop = createStopControl(LONGEST_MS, (message) => log.warning(message));
  try {
    const limiter = new RateLimiter();
    const outcomes = new Map<string, ReadonlyMap<string, UploadOutcome>>();
    await Promise.all(
      config.accounts.map(async (account) => {
        const hashes = targets.flatMap((target) => (target.account === account ? (target.hash ?? []) : []));
        const api = apiOf(account, { config, log, stop, limiter });
        outcomes.set(account.fingerprint, await uploadMagnets(api, hashes));
      }),
    );
    const magnets = targets.map(({ account, hash, result }) => {
      const outcome = hash && account && outcomes.get(account.fingerprint)?.get(hash);
      return outcome ? { ...result, ...resultOf(outcome) } : result;
    });
    const failed = magnets.some((magnet) => !magnet.restored);
    const exitCode = stop.cause()?.exitCode ?? (failed ? ExitCode.failed : ExitCode.ok);
    return { version: 1, exit_code: exitCode, magnets };
  } finally {
    stop.dispose();
  }
}

interface Target {
  /** Absent when it can't be restored; `result` says why. */
  readonly account?: AccountConfig;
  readonly hash?: string;
  readonly result: RestoreResult;
}

function targetOf({ deletion, hash }: Restorable, accounts: readonly AccountConfig[]): Target {
  const { id, filename = null } = deletion;
  const nothing = { restored: false, new_id: null, ready: null, error: null, note: null };
  const result = { id, filename, account: deletion.account, hash: hash ?? null, ...nothing };
  if (hash === undefined) {
    return { result: { ...result, error: "its hash is not known, so it can't be added again" } };
  }
  const target = restoreTarget(deletion, accounts);
  if ("problem" in target) return { result: { ...result, error: target.problem } };
  const { account, note = null } = target;
  return { account, hash, result: { ...result, account: account.name, note } };
}

function apiOf({ name, key }: AccountConfig, { config, log, stop, limiter }: Shared): Api {
  return new Api(key, {
    apiUrl: config.apiUrl,
    limiter,
    stopping: stop.stopping.signal,
    abort: stop.abort,
    debug: (message) => log.debug(`${name}: ${message}`),
  });
}

interface Shared {
  readonly config: Pick<Config, "apiUrl">;
  readonly log: Log;
  readonly stop: StopControl;
  readonly limiter: RateLimiter;
}

function resultOf(outcome: UploadOutcome): Partial<RestoreResult> {
  if (outcome.kind === "failed") return { error: outcome.message };
  return { restored: true, new_id: outcome.id, ready: outcome.ready };
}

/** The options of `magnets restore`. */
export interface RestoreOptions {
  readonly json?: boolean;
}

/**
 * `magnets restore [id...]`: adds deleted magnets again from their hashes; alone, lists them. It changes nothing
 * in state and takes no lock: adding the same magnet twice adds it once.
 */
export async function restore(
  invocation: Invocation,
  ids: readonly string[],
  options: RestoreOptions,
): Promise<ExitCode> {
  const { config, log } = await begin(invocation, { keysRequired: ids.length > 0 });
  const done = await becomeOwner(config.stateDir, config.file);
  if (done !== undefined) return done;
  const known = restorables(await readDeletions(config, log));
  if (ids.length === 0) {
    invocation.print(options.json ? [printJson(listDocument(known))] : renderRestorables(known, invocation));
    return ExitCode.ok;
  }
  const report = await restoreMagnets({ config, log, wanted: choose(known, ids) });
  invocation.print(options.json ? [printJson(report)] : renderRestored(report, invocation));
  return report.exit_code;
}

async function readDeletions({ stateDir }: Config, log: Log) {
  const { deletions, badLines } = await createDeletionsLog(nodeFileSystem, stateDir).read();
  for (const line of badLines) log.warning(`${DELETIONS_FILE}: line ${line} can't be read and is skipped`);
  return deletions;
}

function choose(known: readonly Restorable[], ids: readonly string[]): Restorable[] {
  const byId = new Map(known.map((each) => [each.deletion.id, each]));
  const missing = [...new Set(ids)].filter((id) => !byId.has(id));
  if (missing.length > 0) {
    throw new UsageError(
      `no deletion of ${missing.join(", ")} is on record: nothing was restored; see magnets restore`,
    );
  }
  return [...new Set(ids)].flatMap((id) => byId.get(id) ?? []);
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
