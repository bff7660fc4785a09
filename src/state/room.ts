import { StateError } from "../errors.ts";
import type { FileSystem } from "./file-system.ts";
import { temporaryPath, writeNew } from "./files.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

/** Room is taken in pieces of this many bytes. */
const PIECE = 32 * 1024;

/**
 * Disk space set aside before something is done that can't be undone, so that a disk that fills up meanwhile
 * still takes the outcome.
 */
export interface Room {
  /** The failure for which it was given up; there is none to be had any more. */
  readonly spentOn: StateError | undefined;
  /** Returns once at least so many bytes are set aside. Throws a `StateError` when the disk has not that many. */
  keep(bytes: number): Promise<void>;
  /** Writes; when the disk is full, once more in the room. Throws what the last attempt throws. */
  write(attempt: () => Promise<void>): Promise<void>;
  /** Gives back what is set aside. */
  release(): Promise<void>;
}

/** Makes room in a folder: files that the next run removes, should this one be killed. */
export function createRoom(fs: FileSystem, folder: string): Room {
  const files: string[] = [];
  let kept = 0;
  let spentOn: StateError | undefined;
  let last: Promise<void> = Promise.resolve();

  const grow = async (bytes: number) => {
    if (spentOn) throw spentOn;
    if (bytes <= kept) return;
    const more = Math.ceil((bytes - kept) / PIECE) * PIECE;
    const path = await temporaryPath(folder);
    try {
      await writeNew(fs, path, zeros(more));
    } catch (error) {
      throw await stateFailure(fs, "keep room in", folder, error);
    }
    files.push(path);
    kept += more;
  };

  const release = async () => {
    for (const path of files.splice(0)) {
      await fs.unlink(path).catch((error: unknown) => {
        // The next run tries again; what is to be written is more important.
        if (!isSystemError(error)) throw error;
      });
    }
    kept = 0;
  };

  const inTurn = (step: () => Promise<void>): Promise<void> => {
    const turn = last.then(step);
    last = turn.catch(() => {});
    return turn;
  };

  return {
    get spentOn() {
      return spentOn;
    },
    keep: (bytes) => inTurn(() => grow(bytes)),
    write: async (attempt) => {
      try {
        await attempt();
      } catch (error) {
        if (!isFull(error) || (kept === 0 && !spentOn)) throw error;
        spentOn ??= error;
        await inTurn(release);
        await attempt();
      }
    },
    release: () => inTurn(release),
  };
}

function* zeros(bytes: number): Generator<Uint8Array> {
  const piece = new Uint8Array(PIECE);
  for (let done = 0; done < bytes; done += PIECE) yield piece;
}

function isFull(error: unknown): error is StateError {
  return error instanceof StateError && isSystemError(error.cause, "ENOSPC", "EDQUOT");
}
