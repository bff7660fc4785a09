import { constants } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { StateError } from "../errors.ts";
import { countersFormat } from "./counters-format.ts";
import { type FileSystem, nodeFileSystem, type OpenFile } from "./file-system.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

/** No file of state gets near this: 256 MiB. */
const MAX_BYTES = 256 * 1024 * 1024;

/** How a file of state is opened to be read. NONBLOCK: a FIFO must not wait for somebody to write into it. */
export const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** A file's content, and its mode's permission bits. */
export interface FileContent {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/**
 * Reads a file of state; `undefined` when there is none.
 *
 * @throws StateError when it is there and can't be read, is a symlink or no regular file, or is too large.
 */
export async function readStateFile(
  fs: FileSystem,
  path: string,
  maxBytes = MAX_BYTES,
): Promise<FileContent | undefined> {
  let file: OpenFile;
  try {
    file = await fs.open(path, READ_ONLY);
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw await stateFailure(fs, "read", path, error);
  }
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new StateError(`can't read ${path}: it is no regular file; move it away`);
    if (stat.size > maxBytes) {
      throw new StateError(`can't read ${path}: it is larger than ${maxBytes} bytes; move it away`);
    }
    return { bytes: await readWhole(file, stat.size), mode: stat.mode & 0o777 };
  } catch (error) {
    throw await stateFailure(fs, "read", path, error);
  } finally {
    // What was read was read, whatever is said now.
    await file.close().catch(() => {});
  }
}

/** Takes a file's permissions from everybody but its owner, if it is ours to do so. */
export async function makePrivate(fs: FileSystem, path: string): Promise<void> {
  try {
    const file = await fs.open(path, READ_ONLY);
    await file.chmod(0o600).finally(() => file.close());
  } catch (error) {
    // Somebody else's file stays as it is: the folder's mode protects it.
    if (!isSystemError(error)) throw error;
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
  repaired: Iterable<Uint8Array>,
  now: Date,
): Promise<string> {
  let kept: string;
  try {
    kept = await keep(fs, path, `${path}.corrupt-${now.toISOString().replaceAll(":", "-")}`);
  } catch (error) {
    throw await stateFailure(fs, "keep a copy of", path, error);
  }
  try {
    await makePrivate(fs, kept);
    await syncFolder(fs, dirname(path));
    await writeAtomically(fs, path, repaired);
  } catch (error) {
    // Else a full disk would gather one more copy at each sweep.
    if (await haveSameContent(fs, path, kept)) await fs.unlink(kept).catch(() => {});
    throw await stateFailure(fs, "write", path, error);
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
    await fs.link(path, copy);
  } catch (error) {
    // Some file systems have no hard links, and none may be made of somebody else's file.
    if (!isSystemError(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV")) throw error;
    const content = await readStateFile(fs, path);
    await writeNew(fs, copy, content ? [content.bytes] : []);
  }
}

async function haveSameContent(fs: FileSystem, path: string, copy: string): Promise<boolean> {
  try {
    const [a, b] = [await readStateFile(fs, path), await readStateFile(fs, copy)];
    return a !== undefined && b !== undefined && Buffer.compare(a.bytes, b.bytes) === 0;
  } catch {
    return false;
  }
}

const FOLDER_MODE = 0o700;

/**
 * Sees to it that the state folder is there and can be written to. It and missing folders above it are
 * created with mode 0700 under any umask; a folder that is there keeps its mode. It may be a symlink.
 *
 * @throws StateError
 */
export async function prepareStateFolder(folder: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  const path = resolve(folder);
  try {
    await makeFolder(fs, path);
    if (!(await fs.stat(path)).isDirectory()) {
      throw new StateError(`${path} is no folder; choose another with --state-dir`);
    }
  } catch (error) {
    throw await stateFailure(fs, "create the folder", path, error);
  }
  try {
    await fs.access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw await stateFailure(fs, "write to the folder", path, error);
  }
}

async function makeFolder(fs: FileSystem, path: string): Promise<void> {
  const missing = await fs.stat(path).then(
    () => false,
    (error: unknown) => {
      if (isSystemError(error, "ENOENT")) return true;
      throw error;
    },
  );
  if (!missing) return;
  const parent = dirname(path);
  await makeFolder(fs, parent);
  try {
    await fs.mkdir(path, FOLDER_MODE);
    // The umask may have taken bits away.
    await fs.chmod(path, FOLDER_MODE);
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

/**
 * Keeps the counters as the disk has them in `retry_counts.json.bak`, in the place of an older one.
 *
 * @returns the copy's path; `undefined` when there are no counters on disk.
 * @throws StateError
 */
export async function backUpCounters(
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<string | undefined> {
  const path = join(folder, countersFormat.file);
  const content = await readStateFile(fs, path);
  if (content === undefined) return undefined;
  await writeAtomically(fs, `${path}.bak`, [content.bytes]);
  return `${path}.bak`;
}
