import type { Config } from "../config/config.ts";
import { type Restorable, restorables } from "../core/restorable.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { createDeletionsLog, DELETIONS_FILE } from "../state/deletions-log.ts";
import { nodeFileSystem } from "../state/node-file-system.ts";
import type { Log } from "../terminal/log.ts";
import { printJson } from "../terminal/print-json.ts";
import { renderRestorables } from "../terminal/render-restorables.ts";
import { renderRestored } from "../terminal/render-restored.ts";
import { begin } from "./begin.ts";
import type { Invocation } from "./invocation.ts";
import { restoreMagnets } from "./restore-magnets.ts";

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
  await becomeOwner(config.stateDir, config.file);
  const known = restorables(await readDeletions(config, log));
  if (ids.length === 0) {
    invocation.print(options.json ? [printJson(listDocument(known))] : renderRestorables(known, invocation));
    return ExitCode.ok;
  }
  invocation.letReadersStall();
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
