import { constants } from "node:fs";
import { dirname, join } from "node:path";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

/** Read and write for the owner alone, as every file of state. */
export const FILE_MODE = 0o600;

const TEMPORARY = /^\.magnets-[0-9a-f]{16}\.tmp$/;

/** What a file is to hold, in pieces. */
export type Chunks = Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/** A name for a temporary file that nobody has guessed. What is left of it `removeStaleTemporaries` removes. */
export async function temporaryPath(folder: string): Promise<string> {
  // Takes a tenth of the time of a start to load: what only reads does without.
  const { randomBytes } = await import("node:crypto");
  return join(folder, `.magnets-${randomBytes(8).toString("hex")}.tmp`);
}

/**
 * Puts `content` in the place of the file at once: whatever happens, whoever looks finds the old content or the
 * new one, and once this returns the disk has the new one. Mode 0600 under any umask. Of chunks, each is on its way
 * to the disk before the next one is asked for.
 *
 * @throws StateError when it can't; then the old content stands (unless only the folder's sync failed).
 */
export async function writeAtomically(fs: FileSystem, path: string, content: string | Chunks): Promise<void> {
  const chunks = typeof content === "string" ? [Buffer.from(content)] : content;
  const temporary = await temporaryPath(dirname(path));
  try {
    await writeNew(fs, temporary, chunks);
    await orUnlink(fs, temporary, fs.rename(temporary, path));
    await syncFolder(fs, dirname(path));
  } catch (error) {
    throw await stateFailure(fs, "write", path, error);
  }
}

/** Creates a file that is not there yet, mode 0600, synced; leaves none behind when it can't. System errors. */
export async function writeNew(fs: FileSystem, path: string, chunks: Chunks): Promise<void> {
  const file = await fs.open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, FILE_MODE);
  try {
    // The umask may have taken bits away.
    await file.chmod(FILE_MODE);
    for await (const chunk of chunks) await writeWhole(file, chunk);
    await file.sync();
  } catch (error) {
    await file.close().catch(() => {});
    await orUnlink(fs, path, Promise.reject(error));
  }
  await orUnlink(fs, path, file.close());
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

async function orUnlink(fs: FileSystem, path: string, step: Promise<void>): Promise<void> {
  try {
    await step;
  } catch (error) {
    await fs.unlink(path).catch(() => {});
    throw error;
  }
}
