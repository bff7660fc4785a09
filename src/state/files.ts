import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { StateError } from "../errors.ts";
import { type FileStat, type FileSystem, nodeFileSystem, type OpenFile } from "./file-system.ts";
import { changeMode, closeToOthers, FILE_MODE, FOLDER_MODE } from "./modes.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

/** No file of state gets near this: 256 MiB. */
const MAX_BYTES = 256 * 1024 * 1024;

/** NONBLOCK: a FIFO must not wait for somebody to write into it. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file's content, and its mode's permission bits. */
export interface FileContent {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/**
 * Reads a file of state, or no more than its `lastBytes`; `undefined` when there is no such file.
 *
 * @throws StateError when it is there and can't be read, is a symlink, not a regular file, or too large.
 */
export async function readStateFile(
  fs: FileSystem,
  path: string,
  { maxBytes = MAX_BYTES, lastBytes = MAX_BYTES } = {},
): Promise<FileContent | undefined> {
  let file: OpenFile | undefined;
  try {
    file = await fs.open(path, READ_ONLY);
    const stat = await file.stat();
    if (!stat.isFile()) throw new StateError(`can't read ${path}: it is not a regular file; move it away`);
    if (stat.size > maxBytes) {
      throw new StateError(`can't read ${path}: it is larger than ${maxBytes} bytes; move it away`);
    }
    const bytes = await readFrom(file, Math.max(0, stat.size - lastBytes), stat.size);
    return { bytes, mode: stat.mode & 0o777 };
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw stateFailure("read", path, error);
  } finally {
    // What was read was read, whatever is said now.
    await file?.close().catch(() => {});
  }
}

async function readFrom(file: OpenFile, start: number, end: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(end - start);
  for (let done = 0; done < bytes.length; ) {
    const count = await file.read(bytes.subarray(done), start + done);
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
    const file = await fs.open(path, READ_ONLY);
    await file.chmod(FILE_MODE).finally(() => file.close());
  } catch (error) {
    // Somebody else's file stays as it is: the folder's mode protects it.
    if (!isSystemError(error)) throw error;
  }
}

/**
 * Replaces a file that has more than one name by a copy of its own, so that nothing is written through to what the
 * other names are for: backups link. A missing file and one that is not a regular file stay as they are.
 *
 * @throws StateError
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
 * new one, and once this returns the disk has the new one. `content` is in pieces. Mode 0600 under any umask.
 *
 * @throws StateError when it can't; then the old content stands (unless only the folder's sync failed).
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

/** Returns once the disk knows which files the folder holds. System errors. */
export async function syncFolder(fs: FileSystem, folder: string): Promise<void> {
  const handle = await fs.open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // Some network file systems can't sync a folder and need none.
    if (!isSystemError(error, "EINVAL", "ENOTSUP", "EOPNOTSUPP")) throw error;
  } finally {
    await handle.close();
  }
}

/**
 * Keeps a damaged file under the name `NAME.corrupt-<time>` and puts `repaired` in its place. At every moment
 * the file is there, damaged or repaired; when this fails it is as it was.
 *
 * @returns the name it was kept under.
 * @throws StateError
 */
export async function keepDamaged(
  fs: FileSystem,
  path: string,
  repaired: readonly Uint8Array[],
  now: Date,
): Promise<string> {
  let kept: string;
  try {
    kept = await keep(fs, path, `${path}.corrupt-${now.toISOString().replaceAll(":", "-")}`);
  } catch (error) {
    throw stateFailure("keep a copy of", path, error);
  }
  try {
    await makePrivate(fs, kept);
    await syncFolder(fs, dirname(path));
    await writeAtomically(fs, path, repaired);
  } catch (error) {
    // Else a full disk would gather one more copy at each sweep.
    if (await haveSameContent(fs, path, kept)) await fs.unlink(kept).catch(() => {});
    throw stateFailure("write", path, error);
  }
  return basename(kept);
}

async function keep(fs: FileSystem, path: string, wanted: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    try {
      await linkOrCopy(fs, path, name);
      return name;
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) throw error;
    }
  }
}

async function linkOrCopy(fs: FileSystem, path: string, copy: string): Promise<void> {
  try {
    // With other names it is not ours alone: the copy's mode is to be changed.
    if ((await fs.lstat(path)).nlink > 1) return await copyTo(fs, path, copy);
    await fs.link(path, copy);
  } catch (error) {
    // Some file systems have no hard links, and none may be made of somebody else's file.
    if (!isSystemError(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV")) throw error;
    await copyTo(fs, path, copy);
  }
}

async function copyTo(fs: FileSystem, path: string, copy: string): Promise<void> {
  const content = await readStateFile(fs, path);
  await writeNew(fs, copy, content ? [content.bytes] : []);
}

async function haveSameContent(fs: FileSystem, path: string, copy: string): Promise<boolean> {
  try {
    const [a, b] = [await readStateFile(fs, path), await readStateFile(fs, copy)];
    return a !== undefined && b !== undefined && Buffer.compare(a.bytes, b.bytes) === 0;
  } catch {
    return false;
  }
}

/**
 * Makes sure that the state folder is there and can be written to. It and missing folders above it are
 * created with mode 0700 under any umask; a folder that is there keeps its mode. It may be a symlink.
 *
 * @throws StateError
 */
export async function prepareStateFolder(folder: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  const path = resolve(folder);
  try {
    await makeFolder(fs, path);
    if (!(await fs.stat(path)).isDirectory()) {
      throw new StateError(`${path} is not a folder; choose another with --state-dir`);
    }
  } catch (error) {
    throw stateFailure("create the folder", path, error);
  }
  try {
    await fs.access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw stateFailure("write to the folder", path, error);
  }
}

async function makeFolder(fs: FileSystem, path: string): Promise<void> {
  try {
    await fs.stat(path);
    return;
  } catch (error) {
    if (!isSystemError(error, "ENOENT")) throw error;
  }
  const parent = dirname(path);
  await makeFolder(fs, parent);
  try {
    await fs.mkdir(path, FOLDER_MODE);
    // The umask may have taken bits away.
    await changeMode(fs.chmod(path, FOLDER_MODE));
  } catch (error) {
    // Another run was faster, or a symlink leads nowhere, which the caller's look at it will tell.
    if (!isSystemError(error, "EEXIST")) throw error;
    return;
  }
  // A parent that may be written but not read can't be opened to be synced.
  await syncFolder(fs, parent).catch((error: unknown) => {
    if (!isSystemError(error, "EACCES")) throw error;
  });
}
