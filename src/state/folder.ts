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
  stateFailure,
} from "./file-system.ts";

/**
 * Makes sure that the state folder is there and can be written to. It and missing folders above it are
 * created with mode 0700 under any umask; a folder that is there keeps its mode. It may be a symlink.
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
    await fs.mkdir(path, 0o700);
    // The umask may have taken bits away.
    await changeMode(fs.chmod(path, 0o700));
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
 * Gives a file of ours its mode, whatever the umask took away. exFAT, vfat and some network mounts refuse that; there
 * the mode of the mount has to keep others out, the file's or the folder's. System errors.
 *
 * @throws StateError where it doesn't.
 */
export async function closeToOthers(fs: FileSystem, file: OpenFile, folder: string): Promise<void> {
  const isDone = await changeMode(file.chmod(FILE_MODE));
  if (!isDone && isOpen(await file.stat())) await expectClosed(fs, folder);
}

/** @throws StateError where the folder of files that can't be closed to others is open to them. */
export async function expectClosed(fs: FileSystem, folder: string): Promise<void> {
  const stat = await fs.stat(folder);
  if (isOpen(stat)) throw new StateError(explainNoModes(folder, stat));
}

/** Waits for a chmod; false where the file system has no such thing. */
async function changeMode(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isSystemError(error, "EPERM", "EINVAL", "ENOSYS", "ENOTSUP", "EOPNOTSUPP")) return false;
    throw error;
  }
}

/** Whether others than the owner may do anything with it. */
export function isOpen({ mode }: Pick<FileStat, "mode">): boolean {
  return (mode & 0o077) !== 0;
}

/** What is wrong with a folder that is open to others on a file system that can't close its files either. */
function explainNoModes(folder: string, { mode }: Pick<FileStat, "mode">): string {
  const found = `${folder} is open to other users (mode ${(mode & 0o777).toString(8)}), and its file system does not change modes`;
  const me = process.geteuid?.() ?? 0;
  return `${found}; mount it with uid=${me},umask=077, or choose another folder with state_dir`;
}

/** statfs(2): vfat and exFAT, which have no modes at all. */
const WITHOUT_MODES = new Set([0x4d44, 0x2011bab0]);
/** Those that may have: CIFS, SMB, FUSE, NTFS, 9p. A lock that is open to others shows that they haven't. */
const PERHAPS_WITHOUT = new Set([0xff534d42, 0xfe534d42, 0x65735546, 0x7366746e, 0x01021997]);

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
    const isSure = WITHOUT_MODES.has(type);
    const lock = PERHAPS_WITHOUT.has(type) && lstatSync(join(folder, "lock"), { throwIfNoEntry: false });
    return isSure || (lock && isOpen(lock)) ? explainNoModes(folder, existing.stat) : undefined;
  } catch {
    return undefined;
  }
}
