import { join } from "node:path";
import type { Deletion } from "../core/deletion.ts";
import { parseDeletion } from "./deletion-schema.ts";
import { DELETIONS_FILE } from "./deletions-log.ts";
import type { FileSystem, OpenFile } from "./file-system.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { READ_ONLY } from "./read-state-file.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

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
