import type { Store } from "../core/ports.ts";
import type { Counters, SweepSummary } from "../core/records.ts";
import type { LegacyCounters } from "../core/settings.ts";
import { StateError } from "../errors.ts";
import { countersFormat } from "./counters-format.ts";
import { createDeletionsLog, DELETIONS_FILE } from "./deletions-log.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { prepareStateFolder, removeStaleTemporaries } from "./files.ts";
import { accountsFormat, intentsFormat, outboxFormat, sweepsFormat } from "./formats.ts";
import { loadState, openStateFile, parseText, type StateProblem } from "./state-file.ts";

/** Counters taken over from the original program, and what was wrong with them. */
export interface Legacy {
  readonly path: string;
  readonly counters: Counters;
  readonly problems: readonly StateProblem[];
}

/**
 * Reads the original program's counters; `undefined` when there are none.
 *
 * @throws StateError when they are there and could not be read.
 */
export function readLegacy(source: LegacyCounters | undefined): Legacy | undefined {
  if (source?.error !== undefined) {
    const remedy = "make it readable, or copy it beside the config and delete retry_counts_path there";
    throw new StateError(`can't take over the counters of ${source.path}: ${source.error}; ${remedy}`);
  }
  if (source?.text === undefined) return undefined;
  const { path, text } = source;
  const { value, damage } = parseText(path, text, countersFormat);
  const problems = damage.map(({ severity, what }) => ({
    file: path,
    message: `${path} ${what}; it stays as it is`,
    severity,
  }));
  return { path, counters: value, problems };
}

/** Which store to open, and for what. */
export interface StoreOptions {
  readonly folder: string;
  /** `write` needs the lock. With `read` no file is changed: damage is only reported, saves do nothing. */
  readonly mode: "read" | "write";
  readonly now: () => Date;
  /** Taken over while the folder has no counters. */
  readonly legacyCounters?: LegacyCounters | undefined;
  readonly fs?: FileSystem;
}

/** The state folder's content, and the functions that save it. */
export interface OpenedStore extends Store {
  /** Finished sweeps, oldest first; the last 50 are kept. */
  readonly sweeps: SweepSummary[];
  /** Like the other saves. */
  saveSweeps(): Promise<void>;
  /** What was found in opening; `readDeletions` adds the lines it can't read, once each. */
  readonly problems: StateProblem[];
  /** The file whose counters were taken over, when there were none in the state folder. */
  readonly importedFrom: string | undefined;
}

/**
 * Reads all state. In mode `write` damaged files are kept as `NAME.corrupt-<time>` and repaired at once, and
 * what killed runs left half-written is removed.
 *
 * @throws StateError when a file can't be read or written, or was written by a newer version; then none was touched.
 */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const { folder, mode, fs = nodeFileSystem } = options;
  if (mode === "write") await prepareStateFolder(folder, fs);

  const loads = [
    loadState(fs, folder, countersFormat),
    loadState(fs, folder, intentsFormat),
    loadState(fs, folder, outboxFormat),
    loadState(fs, folder, accountsFormat),
    loadState(fs, folder, sweepsFormat),
  ] as const;
  await Promise.allSettled(loads);
  const [counters, intents, outbox, accounts, sweeps] = await Promise.all(loads);
  const legacy = counters.exists ? undefined : readLegacy(options.legacyCounters);

  // Only now, when nothing speaks against going on, is anything changed.
  if (mode === "write") await removeStaleTemporaries(fs, folder);
  const place = { fs, folder, mode, now: options.now };
  const log = createDeletionsLog(fs, folder);
  const imported = legacy ? { ...counters, value: legacy.counters } : counters;
  const files = {
    counters: await openStateFile(place, imported, countersFormat),
    intents: await openStateFile(place, intents, intentsFormat),
    outbox: await openStateFile(place, outbox, outboxFormat),
    accounts: await openStateFile(place, accounts, accountsFormat),
    sweeps: await openStateFile(place, sweeps, sweepsFormat),
  };

  const problems = [...(legacy?.problems ?? []), ...Object.values(files).flatMap((file) => file.problems)];
  return {
    counters: files.counters.value,
    intents: files.intents.value,
    outbox: files.outbox.value,
    accounts: files.accounts.value,
    sweeps: files.sweeps.value,
    saveCounters: files.counters.save,
    saveIntents: files.intents.save,
    saveOutbox: files.outbox.save,
    saveAccounts: files.accounts.save,
    saveSweeps: files.sweeps.save,
    appendDeletion: mode === "read" ? async () => {} : log.append,
    readDeletions: async () => {
      const { deletions, badLines } = await log.read();
      for (const line of badLines) {
        const message = `${DELETIONS_FILE}: line ${line} can't be read and is skipped`;
        if (!problems.some((known) => known.message === message)) {
          problems.push({ file: DELETIONS_FILE, message, severity: "warning" });
        }
      }
      return deletions;
    },
    problems,
    importedFrom: legacy?.path,
  };
}
