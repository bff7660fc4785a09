import { constants } from "node:fs";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { normalizeHash } from "../core/magnet.ts";
import { type ConfirmedDeletion, type Deletion, MagnetId, Moment } from "../core/records.ts";
import { tryParseJson } from "../core/text.ts";
import { type FileSystem, nodeFileSystem, type OpenFile, openRegular, stateFailure } from "./file-system.ts";
import { closeToOthers, copyStateFile, readStateFile, syncFolder, writeWhole } from "./files.ts";
import { DeletionSchema, parseEntry } from "./formats.ts";
import { createSaver, type StateProblem } from "./state-file.ts";

// All functions here throw a `StateError` when a file is there and can't be read or written.

const DELETIONS = "deletions.jsonl";
const RESTORED = "restored.jsonl";

const RestoredSchema = v.looseObject({
  /** In small hex digits. */
  hash: v.string(),
  /** The id it was deleted with. */
  id: MagnetId,
  /** The id it has now, where that is known. */
  new_id: v.exactOptional(MagnetId),
  /** The id in `accounts.json` of the account that it was added to. */
  account: v.string(),
  /** The deletion that was undone. */
  deleted_at: Moment,
  restored_at: Moment,
});

/** A magnet that `magnets restore` has added again: one line of `restored.jsonl`. */
export type Restored = v.InferOutput<typeof RestoredSchema>;

/** Reads the entries of a file of lines, oldest first, and names the lines that can't be read and were skipped. */
async function readLines<T>(
  fs: FileSystem,
  folder: string,
  file: string,
  schema: v.GenericSchema<unknown, T>,
): Promise<{ readonly entries: T[]; readonly problems: StateProblem[] }> {
  const content = await readStateFile(fs, join(folder, file));
  const entries: T[] = [];
  const problems: StateProblem[] = [];
  for (const [index, line] of new TextDecoder().decode(content?.bytes).split("\n").entries()) {
    if (line.trim() === "") continue;
    const parsed = parseEntry(schema, tryParseJson(line));
    const message = `${file}: line ${index + 1} can't be read and is skipped`;
    if (parsed) entries.push(parsed.entry);
    else problems.push({ message, severity: "warning" });
  }
  return { entries, problems };
}

/** Reads `deletions.jsonl`. */
export function readDeletions(folder: string, fs: FileSystem = nodeFileSystem) {
  return readLines(fs, folder, DELETIONS, DeletionSchema);
}

/** Reads `restored.jsonl`. */
export function readRestored(folder: string, fs: FileSystem = nodeFileSystem) {
  return readLines(fs, folder, RESTORED, RestoredSchema);
}

/**
 * Makes the function that adds a line to `deletions.jsonl`, the only one that does. It returns once the disk has the
 * line; lines added at the same time share one write and one sync. When it fails the file is as it was.
 */
export function createDeletionsLog(folder: string, fs: FileSystem = nodeFileSystem) {
  let waiting = "";
  const flush = createSaver(async () => {
    const lines = waiting;
    waiting = "";
    if (lines !== "") await appendLines(fs, join(folder, DELETIONS), lines);
  });
  return (deletion: Deletion): Promise<void> => {
    waiting += `${JSON.stringify(deletion)}\n`;
    return flush();
  };
}

/** Puts on disk what a run wrote that was killed before it synced: a loss of power could still take that away. */
export async function syncDeletions(folder: string, fs: FileSystem): Promise<void> {
  const path = join(folder, DELETIONS);
  if (await readStateFile(fs, path)) await appendLines(fs, path, "");
}

/** Adds lines to `restored.jsonl`, without the lock: they are one write at the file's end. */
export async function appendRestored(folder: string, restored: readonly Restored[]): Promise<void> {
  const lines = restored.map((each) => `${JSON.stringify(each)}\n`).join("");
  await appendLines(nodeFileSystem, join(folder, RESTORED), lines, { isLocked: false });
}

/** Drops the confirmed deletions that were undone since: those magnets start anew. */
export function dropRestored(confirmed: Map<string, ConfirmedDeletion>, restored: readonly Restored[]): void {
  for (const [id, { hash, deleted_at }] of confirmed) {
    const known = normalizeHash(hash ?? "");
    const isUndone = restored.some((each) => {
      if (each.id !== id && each.new_id !== id && (known === undefined || each.hash !== known)) return false;
      // The deletion itself says it, too, should this machine's clock have been set back.
      return each.deleted_at === deleted_at || Date.parse(each.restored_at) > Date.parse(deleted_at);
    });
    if (isUndone) confirmed.delete(id);
  }
}

/**
 * Adds whole lines at the end of a file. Returns once the disk has them. Where it is not locked, others may write as
 * well: what was written stays then, even when not all of it could be.
 */
async function appendLines(fs: FileSystem, path: string, lines: string, { isLocked = true } = {}) {
  const flags = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT;
  let file: OpenFile | undefined;
  try {
    let opened = await openRegular(fs, path, flags);
    if (opened.stat.nlink > 1) {
      // Nothing is written through to what the other names are for: backups link.
      await opened.file.close();
      await copyStateFile(fs, path, path);
      opened = await openRegular(fs, path, flags);
    }
    file = opened.file;
    const { size } = opened.stat;
    await closeToOthers(fs, file, dirname(path));
    const end = new Uint8Array(1);
    if (size > 0) await file.read(end, size - 1);
    // A run that died while it wrote left its last line without an end.
    const torn = size > 0 && end[0] !== "\n".charCodeAt(0);
    try {
      await writeWhole(file, Buffer.from(torn ? `\n${lines}` : lines));
      await file.sync();
      // The folder may not know of it: it is new, or whoever made it died.
      if (size === 0 || lines === "") await syncFolder(fs, dirname(path));
    } catch (error) {
      if (isLocked) await file.truncate(size).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw stateFailure("write", path, error);
  } finally {
    // What was synced is on disk, whatever is said now; failing would add the lines a second time.
    await file?.close().catch(() => {});
  }
}
