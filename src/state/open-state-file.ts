import { join } from "node:path";
import { writeAtomically } from "./atomic-write.ts";
import { createSaver } from "./create-saver.ts";
import { encodeText, hashed, measureText, textHash } from "./encode-text.ts";
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
  /** Called before each write; its error is the save's. */
  readonly beforeWrite?: () => Promise<void>;
}

/** One file of state, in use. */
export interface StateFile<T> {
  readonly value: T;
  /** Returns once the disk has `value`; does nothing in mode `read`. Throws a `StateError` when it can't. */
  readonly save: () => Promise<void>;
  /** How long the file's text was when it was to be saved last; 0 before. */
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

  let onDisk = loaded.onDisk;
  let kept = "";
  if (damage.length > 0) {
    const { digest } = measureText(format.format(value));
    onDisk = () => digest;
    kept = await keepDamaged(fs, path, encodeText(format.format(value)), place.now());
  } else if (loaded.exposed) {
    await makePrivate(fs, path);
  }
  if (!loaded.exists && !format.always) onDisk = () => measureText(format.format(format.empty())).digest;

  let bytes = 0;
  const measure = () => {
    const measured = measureText(format.format(value));
    bytes = measured.bytes;
    return measured.digest;
  };
  const write = async () => {
    await place.beforeWrite?.();
    let hash = textHash();
    const attempt = () => {
      hash = textHash();
      return writeAtomically(fs, path, hashed(encodeText(format.format(value)), hash));
    };
    await (place.room ? place.room.write(attempt) : attempt());
    return hash.digest("hex");
  };
  const save = createSaver(onDisk, measure, write);
  return { value, save, bytes: () => bytes, problems: problems(`the file was kept as ${kept}`) };
}
