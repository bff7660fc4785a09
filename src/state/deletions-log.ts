import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { Deletion } from "../core/records.ts";
import { StateError } from "../errors.ts";
import { type FileSystem, nodeFileSystem, type OpenFile } from "./file-system.ts";
import { FILE_MODE, READ_ONLY, readStateFile, syncFolder, writeWhole } from "./files.ts";
import { parseDeletion } from "./formats.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

const APPEND =
  constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The deletions' file in the state folder. */
export const DELETIONS_FILE = "deletions.jsonl";

/** What the file holds; a missing one holds nothing. */
interface RecordedDeletions {
  /** Oldest first. */
  readonly deletions: Deletion[];
  /** Numbers of the lines, from 1, that can't be read and were skipped. */
  readonly badLines: number[];
}

async function readDeletions(fs: FileSystem, folder: string): Promise<RecordedDeletions> {
  const content = await readStateFile(fs, join(folder, DELETIONS_FILE));
  const deletions: Deletion[] = [];
  const badLines: number[] = [];
  const lines = content === undefined ? [] : new TextDecoder().decode(content.bytes).split("\n");
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const deletion = parseDeletion(line);
    if (deletion) deletions.push(deletion);
    else badLines.push(index + 1);
  }
  return { deletions, badLines };
}

/** `deletions.jsonl` of one state folder. */
export interface DeletionsLog {
  /**
   * Adds a line. Returns once the disk has it; lines added side by side share one write and one sync. Throws a
   * `StateError` when it can't; then the file is as it was.
   */
  append(deletion: Deletion): Promise<void>;
  /** Reads the file, after what is being added. Throws a `StateError` when it is there and can't be read. */
  read(): Promise<RecordedDeletions>;
}

/** Makes the one writer of the folder's `deletions.jsonl`. */
export function createDeletionsLog(fs: FileSystem, folder: string): DeletionsLog {
  const path = join(folder, DELETIONS_FILE);
  let waiting = "";
  let scheduled: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const flush = async () => {
    const lines = waiting;
    waiting = "";
    scheduled = undefined;
    await appendLines(fs, path, lines);
  };

  return {
    append: (deletion) => {
      waiting += `${JSON.stringify(deletion)}\n`;
      if (scheduled === undefined) {
        scheduled = last.then(flush);
        last = scheduled.catch(() => {});
      }
      return scheduled;
    },
    read: async () => {
      await last;
      return readDeletions(fs, folder);
    },
  };
}

async function appendLines(fs: FileSystem, path: string, lines: string): Promise<void> {
  try {
    const file = await fs.open(path, APPEND, FILE_MODE);
    try {
      await appendTo(fs, file, path, lines);
    } finally {
      // What was synced is on disk, whatever is said now; failing would add the lines a second time.
      await file.close().catch(() => {});
    }
  } catch (error) {
    throw await stateFailure(fs, "write", path, error);
  }
}

async function appendTo(fs: FileSystem, file: OpenFile, path: string, lines: string): Promise<void> {
  const stat = await file.stat();
  if (!stat.isFile()) throw new StateError(`can't write ${path}: it is no regular file; move it away`);
  if ((stat.mode & 0o777) !== FILE_MODE) await file.chmod(FILE_MODE);
  const torn = stat.size > 0 && (await lastByte(file, stat.size)) !== "\n".charCodeAt(0);
  try {
    // A run that died while it wrote left its last line without an end.
    await writeWhole(file, Buffer.from(torn ? `\n${lines}` : lines));
    await file.sync();
    if (stat.size === 0) await syncFolder(fs, dirname(path));
  } catch (error) {
    await file.truncate(stat.size).catch(() => {});
    throw error;
  }
}

async function lastByte(file: OpenFile, size: number): Promise<number | undefined> {
  const byte = new Uint8Array(1);
  await file.read(byte, size - 1);
  return byte[0];
}

/** A line has about 600 bytes; the file grows for years, and only its end is read. */
const TAIL_BYTES = 16 * 1024;

/**
 * Reads the last deletions, newest first, as far as they stand in the file's last 16 KiB. Lines that can't be
 * read are skipped: telling of them is up to who reads the whole file.
 *
 * @throws StateError when the file is there and can't be read.
 */
export async function readLastDeletions(
  folder: string,
  count: number,
  fs: FileSystem = nodeFileSystem,
): Promise<Deletion[]> {
  const path = join(folder, DELETIONS_FILE);
  try {
    const file = await fs.open(path, READ_ONLY);
    const text = await readTail(file).finally(() => file.close());
    return text
      .split("\n")
      .reverse()
      .flatMap((line) => parseDeletion(line) ?? [])
      .slice(0, count);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return [];
    throw await stateFailure(fs, "read", path, error);
  }
}

async function readTail(file: OpenFile): Promise<string> {
  const { size } = await file.stat();
  const start = Math.max(0, size - TAIL_BYTES);
  const bytes = new Uint8Array(size - start);
  const length = await file.read(bytes, start);
  const text = new TextDecoder().decode(bytes.subarray(0, length));
  // The first line may lack its beginning.
  return start === 0 ? text : text.slice(text.indexOf("\n") + 1);
}
