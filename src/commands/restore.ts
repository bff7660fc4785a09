import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/load-config.ts";
import { identify } from "../core/identify-accounts.ts";
import type { Log } from "../core/ports.ts";
import { listRestorables, planRestore, type Restorable, restorables } from "../core/restore.ts";
import { ExitCode, StateError, UsageError } from "../errors.ts";
import { appendRestored, type Restored, readDeletions } from "../state/deletion-logs.ts";
import { readAccountHealths } from "../state/store.ts";
import { renderRestorables, renderRestored } from "../terminal/render-restore.ts";
import { toJson } from "../terminal/screen.ts";
import { createClients } from "./clients.ts";
import type { Invocation } from "./invocation.ts";
import { type Ready, setUp } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

const LONGEST_RESTORE_MS = 10 * 60_000;

/**
 * `magnets restore [id...]`: adds deleted magnets again from their hashes; without ids, lists them. It takes no lock:
 * adding the same magnet twice adds it once. What was restored is noted, so that the next sweep starts it anew.
 */
export async function restore(invocation: Invocation, ids: readonly string[], { json }: { json?: boolean }) {
  const setup = await setUp(invocation, { keysRequired: ids.length > 0 });
  if (typeof setup === "number") return setup;
  const { config, log } = setup;
  // This file alone: damage elsewhere in the state must not stand in the way.
  const { entries: deletions, problems } = await readDeletions(config.stateDir);
  for (const { message } of problems) log.warning(message);
  const known = restorables(deletions);
  if (ids.length === 0) {
    const screen = { ...invocation, command: config.command };
    invocation.print(json ? [toJson(listRestorables(known))] : renderRestorables(known, screen));
    return ExitCode.ok;
  }
  const wanted = choose(known, ids, config);
  using stop = createStopControl(LONGEST_RESTORE_MS, log);
  const magnets = await addAgain(wanted, setup, stop);
  const failed = magnets.some(({ restored }) => !restored);
  const exitCode = stop.exitCode() ?? (failed ? ExitCode.failed : ExitCode.ok);
  const report = { version: 1, exit_code: exitCode, magnets } as const;
  invocation.print(json ? [toJson(report)] : renderRestored(report, invocation));
  return exitCode;
}

function choose(known: readonly Restorable[], ids: readonly string[], { command }: Config): Restorable[] {
  const byId = new Map(known.map((each) => [each.deletion.id, each]));
  const chosen = [...new Set(ids)];
  const missing = chosen.filter((id) => !byId.has(id));
  if (missing.length === 0) return chosen.flatMap((id) => byId.get(id) ?? []);
  const hint = `nothing was restored; run ${command} restore to see the ids`;
  throw new UsageError(`no recorded deletion of ${missing.join(", ")}: ${hint}`);
}

/** Adds magnets to their accounts; one that fails does not stop the others. */
async function addAgain(wanted: readonly Restorable[], { config, log }: Ready, stop: StopControl) {
  const healths = await readAccountHealths(config.stateDir);
  const clients = createClients(config, stop, log);
  const accounts = await Promise.all(
    clients.map(async (client) => {
      const id = (await identify(client, healths, fingerprint)) ?? client.fingerprint;
      return { name: client.name, fingerprint: client.fingerprint, id };
    }),
  );
  const plans = wanted.map((each) => ({ ...planRestore(each, accounts, healths), deletion: each.deletion }));
  const outcomes = await Promise.all(
    clients.map(async (client) => {
      const mine = plans.filter(({ account }) => account?.fingerprint === client.fingerprint);
      return [client.fingerprint, await client.upload(mine.flatMap(({ hash }) => hash ?? []))] as const;
    }),
  );
  const byKey = new Map(outcomes);
  const restored: Restored[] = [];
  const results = plans.map(({ account, hash = "", result, deletion }) => {
    const outcome = byKey.get(account?.fingerprint ?? "")?.get(hash);
    if (!account || !outcome) return result;
    if (outcome.kind === "failed") return { ...result, error: outcome.message };
    const { id, deleted_at } = deletion;
    const { id: new_id, ready } = outcome;
    const known = { hash, id, account: account.id, deleted_at, ...(new_id !== undefined && { new_id }) };
    restored.push({ ...known, restored_at: new Date().toISOString() });
    return { ...result, restored: true, new_id: new_id ?? null, ready };
  });
  await note(restored, config, log);
  return results;
}

/** Without the note a sweep may take them for deletions that were not carried out. They are restored all the same. */
async function note(restored: readonly Restored[], { stateDir, command }: Config, log: Log): Promise<void> {
  if (restored.length === 0) return;
  try {
    await appendRestored(stateDir, restored);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    const ids = restored.map(({ id }) => id).join(" ");
    log.warning(`what was restored could not be noted: ${error.message}. Then run ${command} reset ${ids}`);
  }
}
