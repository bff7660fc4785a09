import { fstatSync, writeSync } from "node:fs";

/** Where text goes: stdout or stderr. */
export interface Output {
  readonly isTTY: boolean;
  /** Of the terminal that it is; 0 where that does not tell. */
  readonly columns: () => number;
  readonly rows: () => number;
  /** Writes the whole text before it returns, or tells `onError`; throws nothing. */
  write(text: string): void;
}

/** What of `process.stdout` or `process.stderr` an output on a terminal uses. */
type Stream = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows" | "write" | "on">;

/** Who may have to be waited for when a descriptor does not block, in milliseconds. */
const READER_MS = 5;

/**
 * Makes the output on descriptor `fd`. Only for a terminal it takes Node's `stream`: to load streams and sockets takes
 * a tenth of the time of a start, and files and pipes are written to as synchronously by Node itself.
 *
 * @param onError is told, each time, of text that could not be written.
 */
export function createOutput(
  fd: number,
  stream: () => Stream,
  onError: (error: NodeJS.ErrnoException) => void,
): Output {
  const terminal = mayBeTerminal(fd) ? stream() : undefined;
  terminal?.on("error", onError);
  return {
    isTTY: terminal?.isTTY ?? false,
    columns: () => terminal?.columns ?? 0,
    rows: () => terminal?.rows ?? 0,
    write: (text) => {
      if (terminal) return void terminal.write(text);
      try {
        writeWhole(fd, Buffer.from(text));
      } catch (error) {
        onError(error as NodeJS.ErrnoException);
      }
    },
  };
}

/** The devices of major number 1 are memory: /dev/null and its like. */
const MEMORY_DEVICES = 1;

function mayBeTerminal(fd: number): boolean {
  try {
    const stat = fstatSync(fd);
    return stat.isCharacterDevice() && stat.rdev >> 8 !== MEMORY_DEVICES;
  } catch {
    // A closed one.
    return false;
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      // A pipe that somebody else made not to block, and whose reader is slow.
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, READER_MS);
    }
  }
}
