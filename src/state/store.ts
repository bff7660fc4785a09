import { join } from "node:path";
import type { AccountHealth } from "../core/records.ts";
import type { LegacyCounters } from "../core/settings.ts";
import { StateError } from "../errors.ts";
import {
  createDeletionsLog,
  dropRestored,
  readDeletions,
  readRestored,
  syncDeletions,
} from "./deletion-logs.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { copyStateFile, prepareStateFolder, removeStaleTemporaries } from "./files.ts";
import type { StateFormat } from "./formats.ts";
import * as formats from "./formats.ts";
import { loadState, parseState, type StateProblem } from "./state-file.ts";

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

/**
 * Reads all state. In mode `write` damaged files are kept as `NAME.corrupt-<time>` and repaired at once, and what killed
 * runs left half-written is removed. Throws a `StateError` when a file can't be read or written; one of a newer version is
 * found before any file is changed.
 */
export async function openStore(options: StoreOptions) {
  const { folder, mode, now, fs = nodeFileSystem } = options;
  if (mode === "write") await prepareStateFolder(folder, fs);
  const load = <T>(format: StateFormat<T>) => loadState(fs, folder, format);
  const files = {
    counters: await load(formats.counters),
    intents: await load(formats.intents),
    confirmed: await load(formats.confirmed),
    outbox: await load(formats.outbox),
    arrs: await load(formats.arrs),
    accounts: await load(formats.accounts),
    sweeps: await load(formats.sweeps),
    running: await load(formats.running),
  };
  const { counters, intents, confirmed, outbox, arrs, accounts, sweeps, running } = files;
  const { entries: restored, problems: unreadable } = await readRestored(folder, fs);
  const legacy = counters.exists ? undefined : readLegacy(options.legacyCounters);
  for (const [id, record] of legacy?.counters ?? []) counters.value.set(id, record);

  // All could be read: only now are files changed.
  if (mode === "write") {
    await syncDeletions(folder, fs);
    await removeStaleTemporaries(fs, folder);
    for (const file of Object.values(files)) await file.takeIntoUse(now());
  }
  dropRestored(confirmed.value, restored);
  const fileProblems = Object.values(files).flatMap((file) => file.problems());
  const problems: StateProblem[] = [...(legacy?.problems ?? []), ...unreadable, ...fileProblems];
  return {
    counters: counters.value,
    /** Deletions under way. */
    intents: intents.value,
    /** Confirmed deletions whose magnets may still be listed. */
    confirmed: confirmed.value,
    /** Notices that wait for Discord. */
    outbox: outbox.value,
    arrs: arrs.value,
    accounts: accounts.value,
    /** Finished sweeps, oldest first; the last 50 are kept. */
    sweeps: sweeps.value,
    /** The mark of a sweep that has not ended. */
    running: running.value,
    /** What `magnets restore` has added again, oldest first. */
    restored,
    saveCounters: counters.save,
    saveIntents: intents.save,
    saveConfirmed: confirmed.save,
    saveOutbox: outbox.save,
    saveArrs: arrs.save,
    saveAccounts: accounts.save,
    saveSweeps: sweeps.save,
    saveRunning: running.save,
    appendDeletion: mode === "read" ? async () => {} : createDeletionsLog(folder, fs),
    readDeletions: async () => {
      const read = await readDeletions(folder, fs);
      problems.push(...read.problems);
      return read.entries;
    },
    /** What was found in opening; `readDeletions` adds the lines it can't read. */
    problems,
    /** The file whose counters were taken over, when there were none in the state folder. */
    importedFrom: legacy?.path,
  };
}

/** The state folder's content, and the functions that save it. */
export type OpenedStore = Awaited<ReturnType<typeof openStore>>;

/**
 * What is remembered of accounts, for a command that needs nothing else of state: damage is left to the sweep, and
 * what can't be read holds nothing.
 */
export async function readAccountHealths(folder: string): Promise<ReadonlyMap<string, AccountHealth>> {
  try {
    return (await loadState(nodeFileSystem, folder, formats.accounts)).value;
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return new Map();
  }
}

/** The original program's counters; `undefined` when there are none. */
function readLegacy(source: LegacyCounters | undefined) {
  if (source?.error !== undefined) {
    const remedy = "if it can't be made readable, copy it beside the config and leave out retry_counts_path";
    throw new StateError(`can't take over the counters of ${source.path}: ${source.error}; ${remedy}`);
  }
  if (source?.text === undefined) return undefined;
  const { path, text } = source;
  const { value, problems } = parseState(path, Buffer.from(text), formats.counters);
  const kept = problems.map((each) => ({ ...each, message: `${each.message}; it stays as it is` }));
  return { path, counters: value, problems: kept };
}

/**
 * Keeps the counters as the disk has them in `retry_counts.json.bak`, in the place of an older one. Returns the copy's
 * path; `undefined` when there are no counters on disk.
 */
export async function backUpCounters(folder: string, fs: FileSystem = nodeFileSystem) {
  const path = join(folder, formats.counters.file);
  return (await copyStateFile(fs, path, `${path}.bak`)) ? `${path}.bak` : undefined;
}
