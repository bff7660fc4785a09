import { randomBytes } from "node:crypto";
import { constants, lstatSync, type Stats, statfsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { StateError } from "../errors.ts";
import {
  FILE_MODE,
  type FileStat,
  type FileSystem,
  isSystemError,
  nodeFileSystem,
  type OpenFile,
  openRegular,
  stateFailure,
} from "./file-system.ts";

// All functions here throw a `StateError` for what goes wrong, unless they say that they throw system errors.

/** Creates the state folder and missing ones above it, mode 0700. What is there stays as it is, also a symlink. */
export async function prepareStateFolder(folder: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  try {
    await makeFolder(fs, resolve(folder));
  } catch (error) {
    throw stateFailure("create the folder", resolve(folder), error);
  }
}

async function makeFolder(fs: FileSystem, path: string): Promise<void> {
  const make = () => fs.mkdir(path, 0o700);
  try {
    await make().catch(async (error: unknown) => {
      if (!isSystemError(error, "ENOENT")) throw error;
      await makeFolder(fs, dirname(path));
      await make();
    });
  } catch (error) {
    // Perhaps another run has made it just now. Where it is no folder, whoever opens a file in it will say so. NFS may
    // refuse before it looks what is there.
    if (isSystemError(error, "EEXIST") || (await fs.stat(path).catch(() => undefined))) return;
    throw error;
  }
  await syncFolder(fs, dirname(path)).catch((error: unknown) => {
    // A folder that may be written but not read can't be opened to be synced.
    if (!isSystemError(error, "EACCES")) throw error;
  });
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

/** Whether others than the owner may do anything with it. */
export function isOpen({ mode }: Pick<FileStat, "mode">): boolean {
  return (mode & 0o077) !== 0;
}

/**
 * Takes a file's permissions from everybody but its owner. exFAT and some network mounts refuse that, vfat ignores it;
 * there the folder's mode has to keep others out, else it throws a `StateError`. Also system errors.
 */
export async function closeToOthers(fs: FileSystem, file: OpenFile, folder: string): Promise<void> {
  if (!isOpen(await file.stat())) return;
  await file.chmod(FILE_MODE).catch((error: unknown) => {
    if (!isSystemError(error)) throw error;
  });
  const stat = await fs.stat(folder);
  if (isOpen(await file.stat()) && isOpen(stat)) throw new StateError(explainNoModes(folder, stat));
}

/** What is wrong with a folder that is open to others on a file system that can't close its files either. */
function explainNoModes(folder: string, { mode }: Pick<FileStat, "mode">): string {
  const found = `${folder} is open to other users (mode ${(mode & 0o777).toString(8)}), and its file system does not change modes`;
  const me = process.geteuid?.() ?? 0;
  return `${found}; mount it with uid=${me},umask=077, or choose another folder with state_dir`;
}

/** statfs(2): vfat and exFAT, which have no modes at all. */
const WITHOUT_MODES = [0x4d44, 0x2011bab0];
/** Those that may have: CIFS, SMB, FUSE, NTFS, 9p. A lock that is open to others shows that they haven't. */
const PERHAPS_WITHOUT = [0xff534d42, 0xfe534d42, 0x65735546, 0x7366746e, 0x01021997];

/**
 * What a sweep will say of a state folder, which may not be there yet, on a file system that can't close it to others;
 * undefined where nothing is wrong. `existing` is the folder or the nearest above it.
 */
export function previewNoModes(
  folder: string,
  existing: { readonly path: string; readonly stat: Stats },
): string | undefined {
  if (!isOpen(existing.stat)) return undefined;
  try {
    const type = statfsSync(existing.path).type >>> 0;
    const isSure = WITHOUT_MODES.includes(type);
    const lock = PERHAPS_WITHOUT.includes(type) && lstatSync(join(folder, "lock"), { throwIfNoEntry: false });
    return isSure || (lock && isOpen(lock)) ? explainNoModes(folder, existing.stat) : undefined;
  } catch {
    return undefined;
  }
}

/** No file of state gets near this; a string of JavaScript could not hold much more. */
const MAX_BYTES = 256 * 1024 * 1024;

/** Reads a file of state; `undefined` when there is no such file. */
export async function readStateFile(fs: FileSystem, path: string) {
  let file: OpenFile | undefined;
  try {
    const opened = await openRegular(fs, path, constants.O_RDONLY);
    file = opened.file;
    const { stat } = opened;
    if (stat.size > MAX_BYTES)
      throw new StateError(`can't read ${path}: it is larger than 256 MiB; move it away`);
    const bytes = new Uint8Array(stat.size);
    let done = 0;
    for (let count = -1; count !== 0 && done < stat.size; done += count) {
      count = await file.read(bytes.subarray(done), done);
    }
    return { bytes: bytes.subarray(0, done), stat };
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw stateFailure("read", path, error);
  } finally {
    // What was read was read, whatever is said now.
    await file?.close().catch(() => {});
  }
}

/**
 * Puts `content` in the place of the file at once, mode 0600: whatever happens, whoever looks finds the old content or
 * the new one, and once this returns the disk has the new one. When this fails the old content stands, unless only the
 * folder's sync failed. Other names of the file keep the old content.
 */
export async function writeAtomically(fs: FileSystem, path: string, content: Uint8Array): Promise<void> {
  // A name that nobody can have guessed; what a killed run leaves of it `removeStaleTemporaries` finds.
  const temporary = join(dirname(path), `.magnets-${randomBytes(8).toString("hex")}.tmp`);
  try {
    const file = await fs.open(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
      FILE_MODE,
    );
    try {
      await closeToOthers(fs, file, dirname(path));
      await writeWhole(file, content);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, path);
    await syncFolder(fs, dirname(path));
  } catch (error) {
    await fs.unlink(temporary).catch(() => {});
    // The file itself may be closed: it is replaced. It is the folder's mode that can forbid that.
    throw stateFailure("write", path, error, isSystemError(error, "EACCES") ? dirname(path) : path);
  }
}

/** Puts a copy of one file of state in the place of another, or of itself; false where there is none to copy. */
export async function copyStateFile(fs: FileSystem, from: string, to: string): Promise<boolean> {
  const content = await readStateFile(fs, from);
  if (content) await writeAtomically(fs, to, content.bytes);
  return content !== undefined;
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
