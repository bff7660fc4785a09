import { join } from "node:path";
import { StateError } from "../errors.ts";
import { writeAtomically } from "./atomic-write.ts";
import { compareFile } from "./compare-file.ts";
import { createSaver } from "./create-saver.ts";
import { encodeText } from "./encode-text.ts";
import type { FileSystem } from "./file-system.ts";
import { keepDamaged } from "./keep-damaged.ts";
import type { Loaded } from "./load-state.ts";
import { makePrivate } from "./read-state-file.ts";
import type { Room } from "./room.ts";
import type { StateFormat } from "./state-format.ts";

/** Something in the state folder that its owner should hear of; an `error` makes the sweep exit 3. */
export interface StateProblem {
  /** The file's name in the state folder, or the path of the original's counters. */
  readonly file: string;
  /** One line; names the file. */
  readonly message: string;
  readonly severity: "warning" | "error";
}

/** Where the file is, and whether it may be changed. */
export interface StatePlace {
  readonly fs: FileSystem;
  readonly folder: string;
  readonly mode: "read" | "write";
  readonly now: () => Date;
  /** What to fall back on when the disk is full. */
  readonly room?: Room | undefined;
  /** Called in each write as soon as it is known how long the text is; its error is the save's, and nothing is saved. */
  readonly beforeSync?: () => Promise<void>;
}

/** One file of state, in use. */
export interface StateFile<T> {
  readonly value: T;
  /** Returns once the disk has `value`; does nothing in mode `read`. Throws a `StateError` when it can't. */
  readonly save: () => Promise<void>;
  /** How long the text was when it was saved last; 0 before. */
  readonly bytes: () => number;
  readonly problems: readonly StateProblem[];
}

/**
 * Takes a file that was read into use. In mode `write` a damaged one is kept under another name and repaired
 * at once, so that the same damage is not met again.
 *
 * @throws StateError
 */
export async function openStateFile<T>(
  place: StatePlace,
  loaded: Loaded<T>,
  format: StateFormat<T>,
): Promise<StateFile<T>> {
  const { fs, folder, mode } = place;
  const { value, damage } = loaded;
  const path = join(folder, format.file);
  const problems = (suffix: string) =>
    damage.map(({ severity, what }) => ({
      file: format.file,
      message: `${format.file} ${what}; ${suffix}`,
      severity,
    }));
  if (mode === "read") {
    return { value, save: async () => {}, bytes: () => 0, problems: problems("the file stays as it is") };
  }

  let kept = "";
  if (damage.length > 0) {
    kept = await keepDamaged(fs, path, encodeText(format.format(value)), place.now());
  } else if (loaded.exposed) {
    await makePrivate(fs, path);
  }

  let bytes = 0;
  const content = function* () {
    let length = 0;
    for (const chunk of encodeText(format.format(value))) {
      length += chunk.byteLength;
      yield chunk;
    }
    bytes = length;
  };
  const isSaved = async (): Promise<boolean> => {
    const there = await compareFile(fs, path, content());
    if (there !== "missing" || format.always) return there === "same";
    return textOf(format, value) === textOf(format, format.empty());
  };
  let doubtful = false;
  const write = async () => {
    if (!doubtful && (await isSaved())) return;
    // After a failure the file may be the new one, and the disk not know it yet.
    doubtful = true;
    const attempt = () => writeAtomically(fs, path, followedBy(content(), place.beforeSync));
    await (place.room ? place.room.write(attempt) : attempt());
    doubtful = false;
  };
  return {
    value,
    save: createSaver(write),
    bytes: () => bytes,
    problems: problems(`the file was kept as ${kept}`),
  };
}

function textOf<T>(format: StateFormat<T>, value: T): string {
  return [...format.format(value)].join("");
}

async function* followedBy(
  chunks: Iterable<Uint8Array>,
  step: (() => Promise<void>) | undefined,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  try {
    await step?.();
  } catch (error) {
    // Whatever it failed for, a full disk as well, is no reason to give up the room for this write.
    throw error instanceof StateError ? new StateError(error.message, { cause: error }) : error;
  }
}
