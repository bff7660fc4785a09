import type { UploadOutcome } from "../alldebrid/upload-magnets.ts";
import {
  listRestorables,
  planRestore,
  type Restorable,
  type RestoreReport,
  type RestoreResult,
  restorables,
} from "../core/restore.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { readDeletions } from "../state/deletions-log.ts";
import { toJson } from "../terminal/json.ts";
import { renderRestorables, renderRestored } from "../terminal/render-restore.ts";
import { createClients } from "./clients.ts";
import type { Invocation } from "./invocation.ts";
import { type Ready, setUp } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

const LONGEST_RESTORE_MS = 10 * 60_000;

/**
 * `magnets restore [id...]`: adds deleted magnets again from their hashes; without ids, lists them. It changes no state
 * and takes no lock: adding the same magnet twice adds it once.
 */
export async function restore(
  invocation: Invocation,
  ids: readonly string[],
  { json }: { json?: boolean },
): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: ids.length > 0 });
  if (setup.handedOver !== undefined) return setup.handedOver;
  const { config, log } = setup;
  // This file alone: damage elsewhere in the state must not stand in the way.
  const { deletions, problems } = await readDeletions(config.stateDir);
  for (const { message } of problems) log.warning(message);
  const known = restorables(deletions);
  if (ids.length === 0) {
    invocation.print(json ? [toJson(listRestorables(known))] : renderRestorables(known, invocation));
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
  const plans = wanted.map((each) => planRestore(each, config.accounts));
  const outcomes = new Map<string, ReadonlyMap<string, UploadOutcome>>();
  await Promise.all(
    createClients(config, stop, log).map(async ({ fingerprint, upload }) => {
      const hashes = plans.flatMap(({ account, hash }) =>
        account && account.fingerprint === fingerprint ? hash : [],
      );
      outcomes.set(fingerprint, await upload(hashes));
    }),
  );
  return plans.map(({ account, hash, result }) => {
    const outcome = account && outcomes.get(account.fingerprint)?.get(hash);
    if (!outcome) return result;
    return outcome.kind === "added"
      ? { ...result, restored: true, new_id: outcome.id, ready: outcome.ready }
      : { ...result, error: outcome.message };
  });
}
