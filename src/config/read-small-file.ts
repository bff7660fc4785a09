import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** A file's content and what `stat` says of who may read it. */
export interface SmallFile {
  readonly bytes: Buffer;
  /** Permission bits. Zero for pipes (`--config <(…)`), which nobody else can open. */
  readonly mode: number;
}

const CHUNK_BYTES = 65_536;

/**
 * Reads a file of at most `maxBytes`; pipes are read too. Throws the system's error, or one with the code `EFBIG`.
 */
export function readSmallFile(path: string, maxBytes: number): SmallFile {
  const file = openSync(path, "r");
  try {
    const stat = fstatSync(file);
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readSync(file, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      size += count;
      // Counted while reading: devices and pipes do not tell their size.
      if (size > maxBytes) throw Object.assign(new Error("file too large"), { code: "EFBIG" });
    }
    return { bytes: Buffer.concat(chunks), mode: stat.isFile() ? stat.mode & 0o777 : 0 };
  } finally {
    closeSync(file);
  }
}

/** Says in words why a file could not be read. What is no error of the system's is a bug and thrown again. */
export function explainReadError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "ENOTDIR":
      return "there is no such file (a part of the path is no folder)";
    case "EISDIR":
      return "it is a folder";
    case "EFBIG":
      return "it is too large";
    case "EACCES":
    case "EPERM":
      return `permission denied (${code})`;
    case "ELOOP":
      return "its symbolic links lead in a circle (ELOOP)";
    default:
      return `the system says ${code}`;
  }
}
