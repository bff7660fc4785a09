import type { FileSystem, OpenFile } from "./file-system.ts";
import { READ_ONLY } from "./files.ts";
import { isSystemError } from "./state-failure.ts";

/**
 * Whether the file at `path` holds just these bytes. Reads no further than to the first difference, and has no more
 * than a chunk in memory. A file that can't be read is `different`: whoever writes it will hear what is wrong.
 */
export async function compareFile(
  fs: FileSystem,
  path: string,
  chunks: Iterable<Uint8Array>,
): Promise<"same" | "different" | "missing"> {
  try {
    const file = await fs.open(path, READ_ONLY);
    return (await holds(file, chunks).finally(() => file.close())) ? "same" : "different";
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return error.code === "ENOENT" ? "missing" : "different";
  }
}

async function holds(file: OpenFile, chunks: Iterable<Uint8Array>): Promise<boolean> {
  let position = 0;
  for (const chunk of chunks) {
    const there = await readAt(file, position, chunk.byteLength);
    if (Buffer.compare(there, chunk) !== 0) return false;
    position += chunk.byteLength;
  }
  return (await readAt(file, position, 1)).byteLength === 0;
}

/** As many of `size` bytes as there are. */
async function readAt(file: OpenFile, position: number, size: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafe(size);
  for (let done = 0; done < size; ) {
    const count = await file.read(bytes.subarray(done), position + done);
    if (count === 0) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}
