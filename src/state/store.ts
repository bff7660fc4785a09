import { join } from "node:path";
import type { Store } from "../core/ports.ts";
import type { AccountHealth, SweepSummary } from "../core/records.ts";
import type { LegacyCounters } from "../core/settings.ts";
import { StateError } from "../errors.ts";
import { arrsFormat } from "./arrs-format.ts";
import { confirmedFormat, countersFormat } from "./counters-format.ts";
import { createDeletionsLog, readDeletions } from "./deletions-log.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { prepareStateFolder, readStateFile, removeStaleTemporaries, writeAtomically } from "./files.ts";
import { accountsFormat, intentsFormat, type RunningMark, runningFormat, sweepsFormat } from "./formats.ts";
import { outboxFormat } from "./outbox-format.ts";
import { dropRestored, type Restored, readRestored } from "./restored-log.ts";
import { loadState, openStateFile, parseState, type StateProblem } from "./state-file.ts";

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
  /** The mark of a sweep that has not ended. */
  readonly running: RunningMark;
  /** What `magnets restore` has added again, oldest first. */
  readonly restored: readonly Restored[];
  saveRunning(): Promise<void>;
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
  const { folder, mode, now, fs = nodeFileSystem } = options;
  if (mode === "write") await prepareStateFolder(folder, fs);
  const found = {
    counters: await loadState(fs, folder, countersFormat),
    intents: await loadState(fs, folder, intentsFormat),
    confirmed: await loadState(fs, folder, confirmedFormat),
    outbox: await loadState(fs, folder, outboxFormat),
    arrs: await loadState(fs, folder, arrsFormat),
    accounts: await loadState(fs, folder, accountsFormat),
    sweeps: await loadState(fs, folder, sweepsFormat),
    running: await loadState(fs, folder, runningFormat),
  };
  const { restored, problems: unreadable } = await readRestored(folder, fs);
  const legacy = found.counters.exists ? undefined : readLegacy(options.legacyCounters);
  if (legacy) found.counters = { ...found.counters, value: legacy.counters };

  // Only now, when nothing speaks against going on, is anything changed.
  if (mode === "write") await removeStaleTemporaries(fs, folder);
  const place = { fs, folder, mode, now };
  const files = {
    counters: await openStateFile(place, found.counters, countersFormat),
    intents: await openStateFile(place, found.intents, intentsFormat),
    confirmed: await openStateFile(place, found.confirmed, confirmedFormat),
    outbox: await openStateFile(place, found.outbox, outboxFormat),
    arrs: await openStateFile(place, found.arrs, arrsFormat),
    accounts: await openStateFile(place, found.accounts, accountsFormat),
    sweeps: await openStateFile(place, found.sweeps, sweepsFormat),
    running: await openStateFile(place, found.running, runningFormat),
  };
  dropRestored(files.confirmed.value, restored);
  const log = createDeletionsLog(folder, fs);
  const problems = [
    ...(legacy?.problems ?? []),
    ...unreadable,
    ...Object.values(files).flatMap((file) => file.problems),
  ];
  return {
    counters: files.counters.value,
    intents: files.intents.value,
    confirmed: files.confirmed.value,
    outbox: files.outbox.value,
    arrs: files.arrs.value,
    restored,
    accounts: files.accounts.value,
    sweeps: files.sweeps.value,
    running: files.running.value,
    saveCounters: files.counters.save,
    saveIntents: files.intents.save,
    saveConfirmed: files.confirmed.save,
    saveOutbox: files.outbox.save,
    saveArrs: files.arrs.save,
    saveAccounts: files.accounts.save,
    saveSweeps: files.sweeps.save,
    saveRunning: files.running.save,
    appendDeletion: mode === "read" ? async () => {} : log.append,
    readDeletions: async () => {
      const read = await (mode === "read" ? readDeletions(folder, fs) : log.read());
      const known = new Set(problems.map(({ message }) => message));
      problems.push(...read.problems.filter(({ message }) => !known.has(message)));
      return read.deletions;
    },
    problems,
    importedFrom: legacy?.path,
  };
}

/**
 * What is remembered of accounts, for a command that needs nothing else of state: damage is left to the sweep, and
 * what can't be read holds nothing.
 */
export async function readAccountHealths(
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<ReadonlyMap<string, AccountHealth>> {
  try {
    return (await loadState(fs, folder, accountsFormat)).value;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return new Map();
  }
}

/** The original program's counters; `undefined` when there are none. */
function readLegacy(source: LegacyCounters | undefined) {
  if (source?.error !== undefined) {
    const remedy = "make it readable, or copy it beside the config and delete retry_counts_path there";
    throw new StateError(`can't take over the counters of ${source.path}: ${source.error}; ${remedy}`);
  }
  if (source?.text === undefined) return undefined;
  const { path, text } = source;
  const { value, damage } = parseState(path, text, countersFormat);
  const problems = damage.map(({ severity, what }) => ({
    file: path,
    message: `${path} ${what}; it stays as it is`,
    severity,
  }));
  return { path, counters: value, problems };
}

/**
 * Keeps the counters as the disk has them in `retry_counts.json.bak`, in the place of an older one.
 *
 * @returns the copy's path; `undefined` when there are no counters on disk.
 * @throws StateError
 */
export async function backUpCounters(
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<string | undefined> {
  const path = join(folder, countersFormat.file);
  const content = await readStateFile(fs, path);
  if (content === undefined) return undefined;
  await writeAtomically(fs, `${path}.bak`, [content.bytes]);
  return `${path}.bak`;
}
