import { constants } from "node:fs";
import { StateError } from "../errors.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
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
