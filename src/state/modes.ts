import { lstatSync, type Stats, statfsSync } from "node:fs";
import { join } from "node:path";
import { StateError } from "../errors.ts";
import type { FileStat, FileSystem, OpenFile } from "./file-system.ts";
import { isSystemError } from "./state-failure.ts";

/** Every file of state is its owner's alone to read and write. */
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;

/**
 * Gives a file of ours its mode, whatever the umask took away. exFAT, vfat and some network mounts refuse that; there
 * the mode of the mount has to keep others out, the file's or the folder's.
 *
 * @throws StateError where it doesn't; system errors.
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
export async function changeMode(change: Promise<void>): Promise<boolean> {
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
