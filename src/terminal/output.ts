import { fstatSync, type Stats, writeSync } from "node:fs";

/** Where text goes: stdout or stderr. */
export interface Output {
  readonly isTTY: boolean;
  /** Of the terminal that it is; 0 where that does not tell. */
  readonly columns: () => number;
  readonly rows: () => number;
  /** Writes text, all that was written before it first; what goes wrong is told to `onError`. Throws nothing. */
  write(text: string): void;
  /** From now on a reader who takes nothing is not waited for: what he is to get waits in memory. */
  letReaderStall(): void;
}

/** What of `process.stdout` or `process.stderr` an output uses. */
type Stream = Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows" | "write" | "on">;

/** Who may have to be waited for when a descriptor does not block, in milliseconds. */
const READER_MS = 5;

/**
 * Makes the output on descriptor `fd`. Node's `stream` for it is opened for a terminal, and once a reader may stall: to
 * load streams and sockets takes a tenth of the time of a start, and a command that prints and ends does without.
 *
 * @param onError is told, each time, of text that could not be written.
 */
export function createOutput(
  fd: number,
  openStream: () => Stream,
  onError: (error: NodeJS.ErrnoException) => void,
): Output {
  const open = () => {
    const opened = openStream();
    opened.on("error", onError);
    return opened;
  };
  const stat = statOf(fd);
  let stream = mayBeTerminal(stat) ? open() : undefined;
  return {
    isTTY: stream?.isTTY ?? false,
    columns: () => stream?.columns ?? 0,
    rows: () => stream?.rows ?? 0,
    write: (text) => {
      if (stream) return void stream.write(text);
      try {
        writeWhole(fd, Buffer.from(text));
      } catch (error) {
        onError(error as NodeJS.ErrnoException);
      }
    },
    letReaderStall: () => {
      if (stat?.isFIFO() || stat?.isSocket()) stream ??= open();
    },
  };
}

/** Nothing for one that is closed. */
function statOf(fd: number): Stats | undefined {
  try {
    return fstatSync(fd);
  } catch {
    return undefined;
  }
}

/** The devices of major number 1 are memory: /dev/null and its like. */
const MEMORY_DEVICES = 1;

function mayBeTerminal(stat: Stats | undefined): boolean {
  return stat?.isCharacterDevice() === true && stat.rdev >> 8 !== MEMORY_DEVICES;
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
