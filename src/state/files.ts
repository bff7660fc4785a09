import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { basename, dirname, join } from "node:path";
import { StateError } from "../errors.ts";
import {
  FILE_MODE,
  type FileStat,
  type FileSystem,
  isSystemError,
  type OpenFile,
  openRegular,
  stateFailure,
} from "./file-system.ts";
import { closeToOthers, syncFolder } from "./folder.ts";

// All functions here throw a `StateError` for what goes wrong, unless they say that they throw system errors.

/** No file of state gets near this: 256 MiB. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads a file of state; `undefined` when there is no such file. */
export async function readStateFile(
  fs: FileSystem,
  path: string,
  maxBytes = MAX_BYTES,
): Promise<{ readonly bytes: Uint8Array; readonly stat: FileStat } | undefined> {
  let file: OpenFile | undefined;
  try {
    const opened = await openRegular(fs, path, constants.O_RDONLY);
    file = opened.file;
    const { stat } = opened;
    if (stat.size > maxBytes) {
      throw new StateError(`can't read ${path}: it is larger than ${maxBytes} bytes; move it away`);
    }
    return { bytes: await readWhole(file, stat.size), stat };
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw stateFailure("read", path, error);
  } finally {
    // What was read was read, whatever is said now.
    await file?.close().catch(() => {});
  }
}

async function readWhole(file: OpenFile, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  for (let done = 0; done < size; ) {
    const count = await file.read(bytes.subarray(done), done);
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}

/**
 * Takes a file's permissions from everybody but its owner, if it is ours to do so. A file that has other names keeps
 * them: it is replaced by a copy of its own.
 */
export async function makePrivate(fs: FileSystem, path: string): Promise<void> {
  await ownCopy(fs, path);
  try {
    const { file } = await openRegular(fs, path, constants.O_RDONLY);
    await file.chmod(FILE_MODE).finally(() => file.close());
  } catch (error) {
    // Somebody else's file stays as it is: the folder's mode protects it.
    if (!isSystemError(error)) throw error;
  }
}

/**
 * Replaces a file that has more than one name by a copy of its own, so that nothing is written through to what the
 * other names are for: backups link. A missing file and one that is not a regular file stay as they are.
 */
export async function ownCopy(fs: FileSystem, path: string): Promise<void> {
  let stat: FileStat;
  try {
    stat = await fs.lstat(path);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return;
    throw stateFailure("read", path, error);
  }
  if (!stat.isFile() || stat.nlink <= 1) return;
  const content = await readStateFile(fs, path);
  if (content) await writeAtomically(fs, path, [content.bytes]);
}

/**
 * Puts `content` in the place of the file at once: whatever happens, whoever looks finds the old content or the
 * new one, and once this returns the disk has the new one. When this fails the old content stands, unless only the
 * folder's sync failed. `content` is in pieces. Mode 0600 under any umask.
 */
export async function writeAtomically(
  fs: FileSystem,
  path: string,
  content: readonly Uint8Array[],
): Promise<void> {
  // A name that nobody can have guessed; what a killed run leaves of it `removeStaleTemporaries` finds.
  const temporary = join(dirname(path), `.magnets-${randomBytes(8).toString("hex")}.tmp`);
  try {
    await writeNew(fs, temporary, content);
    await fs.rename(temporary, path);
    await syncFolder(fs, dirname(path));
  } catch (error) {
    // Only when the renaming failed is there one left.
    await fs.unlink(temporary).catch(() => {});
    throw stateFailure("write", path, error);
  }
}

const TEMPORARY = /^\.magnets-[0-9a-f]{16}\.tmp$/;

/** Removes the temporary files of runs that were killed. The lock must be held, else they may be in use. */
export async function removeStaleTemporaries(fs: FileSystem, folder: string): Promise<void> {
  try {
    for (const name of await fs.readdir(folder)) {
      const path = join(folder, name);
      if (TEMPORARY.test(name) && (await fs.lstat(path)).isFile()) await fs.unlink(path);
    }
  } catch (error) {
    // A leftover harms nobody; a disk that is really broken shows at the first write.
    if (!isSystemError(error)) throw error;
  }
}

/** Creates a file that is not there yet, mode 0600, synced; leaves none behind when it can't. System errors. */
async function writeNew(fs: FileSystem, path: string, content: readonly Uint8Array[]): Promise<void> {
  const file = await fs.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
  try {
    try {
      await closeToOthers(fs, file, dirname(path));
      for (const bytes of content) await writeWhole(file, bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await fs.unlink(path).catch(() => {});
    throw error;
  }
}

/** Writes all bytes, in as many calls as it takes: on a full disk a single one may write less. System errors. */
export async function writeWhole(file: OpenFile, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const written = await file.write(bytes.subarray(done));
    if (written === 0)
      throw Object.assign(new Error("nothing written"), { code: "ENOSPC", syscall: "write" });
    done += written;
  }
}

/**
 * Keeps a copy of a damaged file under the name `NAME.corrupt-<time>` and puts `repaired` in its place. At every moment
 * the file is there, damaged or repaired; when this fails it is as it was. Returns the name of the copy.
 */
export async function keepDamaged(
  fs: FileSystem,
  path: string,
  repaired: readonly Uint8Array[],
  now: Date,
): Promise<string> {
  const damaged = (await readStateFile(fs, path))?.bytes ?? new Uint8Array();
  const wanted = `${path}.corrupt-${now.toISOString().replaceAll(":", "-")}`;
  let kept = wanted;
  for (let n = 2; !(await writeIfMissing(fs, kept, damaged)); n++) kept = `${wanted}-${n}`;
  try {
    await syncFolder(fs, dirname(path));
    await writeAtomically(fs, path, repaired);
  } catch (error) {
    // Else a full disk would gather one more copy at each sweep.
    const left = await readStateFile(fs, path).catch(() => undefined);
    if (left && Buffer.compare(left.bytes, damaged) === 0) await fs.unlink(kept).catch(() => {});
    throw stateFailure("write", path, error);
  }
  return basename(kept);
}

/** False where there is such a file already. */
async function writeIfMissing(fs: FileSystem, path: string, bytes: Uint8Array): Promise<boolean> {
  try {
    await writeNew(fs, path, [bytes]);
    return true;
  } catch (error) {
    if (isSystemError(error, "EEXIST")) return false;
    throw stateFailure("write", path, error);
  }
}
