import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { Deletion } from "../core/records.ts";
import { StateError } from "../errors.ts";
import { type FileSystem, nodeFileSystem, type OpenFile } from "./file-system.ts";
import { ownCopy, readStateFile, syncFolder, writeWhole } from "./files.ts";
import { parseDeletion } from "./formats.ts";
import { closeToOthers, FILE_MODE } from "./modes.ts";
import { stateFailure } from "./state-failure.ts";
import { createSaver, type StateProblem } from "./state-file.ts";

const FILE = "deletions.jsonl";

/** What the file holds; a missing one holds nothing. */
export interface RecordedDeletions {
  /** Oldest first. */
  readonly deletions: Deletion[];
  /** The lines that can't be read and were skipped. */
  readonly problems: StateProblem[];
}

/**
 * Reads `deletions.jsonl`.
 *
 * @throws StateError when it is there and can't be read.
 */
export async function readDeletions(
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<RecordedDeletions> {
  const content = await readStateFile(fs, join(folder, FILE));
  const deletions: Deletion[] = [];
  const problems: StateProblem[] = [];
  for (const [index, line] of new TextDecoder().decode(content?.bytes).split("\n").entries()) {
    if (line.trim() === "") continue;
    const deletion = parseDeletion(line);
    if (deletion) deletions.push(deletion);
    else {
      const message = `${FILE}: line ${index + 1} can't be read and is skipped`;
      problems.push({ file: FILE, message, severity: "warning" });
    }
  }
  return { deletions, problems };
}

/** A line has about 600 bytes; the file grows for years. */
const TAIL_BYTES = 16 * 1024;

/**
 * Reads the last deletions, newest first, as far as they stand in the file's last 16 KiB. Lines that can't be
 * read are skipped: reporting them is up to who reads the whole file.
 *
 * @throws StateError when the file is there and can't be read.
 */
export async function readLastDeletions(
  folder: string,
  count: number,
  fs: FileSystem = nodeFileSystem,
): Promise<Deletion[]> {
  const content = await readStateFile(fs, join(folder, FILE), { lastBytes: TAIL_BYTES });
  // Of the first line there may be only the end, which is not a JSON object.
  const lines = new TextDecoder().decode(content?.bytes).split("\n");
  return lines
    .reverse()
    .flatMap((line) => parseDeletion(line) ?? [])
    .slice(0, count);
}

/** `deletions.jsonl` of one state folder. */
export interface DeletionsLog {
  /**
   * Adds a line. Returns once the disk has it; lines added at the same time share one write and one sync. Throws
   * a `StateError` when it can't; then the file is as it was.
   */
  append(deletion: Deletion): Promise<void>;
  /** Reads the file, after what is being added. All that it returns is on disk, also what a run wrote that died. */
  read(): Promise<RecordedDeletions>;
}

/** Makes the one writer of the folder's `deletions.jsonl`. */
export function createDeletionsLog(folder: string, fs: FileSystem = nodeFileSystem): DeletionsLog {
  const path = join(folder, FILE);
  let waiting = "";
  const flush = createSaver(async () => {
    const lines = waiting;
    waiting = "";
    if (lines !== "") await appendLines(fs, path, lines);
  });
  return {
    append: (deletion) => {
      waiting += `${JSON.stringify(deletion)}\n`;
      return flush();
    },
    read: async () => {
      // Whoever added a line hears of its failure.
      await flush().catch(() => {});
      await syncLines(fs, path);
      return readDeletions(folder, fs);
    },
  };
}

/** A run that was killed between write and sync left lines that a loss of power could still take away. */
async function syncLines(fs: FileSystem, path: string): Promise<void> {
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  // What can't be opened is reported by who reads it.
  const file = await fs.open(path, flags).catch(() => undefined);
  if (!file) return;
  try {
    if (!(await file.stat()).isFile()) return;
    await file.sync();
    await syncFolder(fs, dirname(path));
  } catch (error) {
    throw stateFailure("write", path, error);
  } finally {
    await file.close().catch(() => {});
  }
}

const APPEND =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Adds whole lines at the end of a file. Returns once the disk has them.
 *
 * @param isLocked False where others may write as well: what was written stays then, even when not all of it could be.
 * @throws StateError
 */
export async function appendLines(
  fs: FileSystem,
  path: string,
  lines: string,
  { isLocked = true } = {},
): Promise<void> {
  let file: OpenFile | undefined;
  try {
    await ownCopy(fs, path);
    file = await fs.open(path, APPEND, FILE_MODE);
    const stat = await file.stat();
    if (!stat.isFile()) throw new StateError(`can't write ${path}: it is not a regular file; move it away`);
    if ((stat.mode & 0o777) !== FILE_MODE) await closeToOthers(fs, file, dirname(path));
    const end = new Uint8Array(1);
    if (stat.size > 0) await file.read(end, stat.size - 1);
    // A run that died while it wrote left its last line without an end.
    const torn = stat.size > 0 && end[0] !== "\n".charCodeAt(0);
    try {
      await writeWhole(file, Buffer.from(torn ? `\n${lines}` : lines));
      await file.sync();
      if (stat.size === 0) await syncFolder(fs, dirname(path));
    } catch (error) {
      if (isLocked) await file.truncate(stat.size).catch(() => {});
      throw error;
    }
  } catch (error) {
    throw stateFailure("write", path, error);
  } finally {
    // What was synced is on disk, whatever is said now; failing would add the lines a second time.
    await file?.close().catch(() => {});
  }
}
