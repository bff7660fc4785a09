import { join } from "node:path";
import { countOf, tryParseJson } from "../core/text.ts";
import { StateError } from "../errors.ts";
import { compareFile } from "./compare-file.ts";
import { encodeText } from "./encode-text.ts";
import type { FileSystem } from "./file-system.ts";
import { keepDamaged, makePrivate, readStateFile, writeAtomically } from "./files.ts";
import { isObject, type StateFormat } from "./formats.ts";

/**
 * Makes the function that saves one file. Once a call returns, the disk has the state as it was at the call or a later
 * one; calls that overlap share a write, and writes follow each other.
 *
 * @param write puts the present state on disk; its error reaches everybody who waited for that write.
 */
export function createSaver(write: () => Promise<void>): () => Promise<void> {
  let scheduled: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();

  const run = async () => {
    // From here on the state may change without being part of this write.
    scheduled = undefined;
    await write();
  };

  return () => {
    if (scheduled === undefined) {
      scheduled = last.then(run);
      last = scheduled.catch(() => {});
    }
    return scheduled;
  };
}

/** One file of state as it was found. */
export interface Loaded<T> {
  readonly value: T;
  readonly exists: boolean;
  /** Others than the owner may read or write the file. */
  readonly exposed: boolean;
  readonly damage: readonly Damage[];
}

/** Something that was lost in reading. */
interface Damage {
  readonly severity: "warning" | "error";
  /** Follows the file's name in a sentence. */
  readonly what: string;
}

/**
 * Reads one file of state, of which nothing is changed.
 *
 * @throws StateError when it is there and can't be read, or was written by a newer version.
 */
export async function loadState<T>(
  fs: FileSystem,
  folder: string,
  format: StateFormat<T>,
): Promise<Loaded<T>> {
  const path = join(folder, format.file);
  const content = await readStateFile(fs, path);
  if (content === undefined) {
    return { value: format.empty(), exists: false, exposed: false, damage: [] };
  }
  const parsed = parseText(path, decode(content.bytes), format);
  return { ...parsed, exists: true, exposed: (content.mode & 0o077) !== 0 };
}

/**
 * Parses the text of the file at `path`; `undefined` stands for bytes that are no text.
 *
 * @throws StateError when a newer version wrote it.
 */
export function parseText<T>(
  path: string,
  text: string | undefined,
  format: StateFormat<T>,
): Pick<Loaded<T>, "value" | "damage"> {
  const content = text === undefined ? undefined : tryParseJson(text.replace(/^\uFEFF/, ""));
  const parsed = isObject(content) ? format.parse(content) : notOurs(text, content);
  if ("unreadable" in parsed) {
    if (parsed.unreadable === "newer") {
      throw new StateError(`${path} was written by a newer magnets (${parsed.reason}); update this one`);
    }
    const what = `is corrupt: ${parsed.reason}; going on as if it were empty`;
    return { value: format.empty(), damage: [{ severity: "error", what }] };
  }
  const damage: Damage[] = [];
  const { badEntries, badFields } = parsed;
  if (badEntries.length > 0) {
    const what = `is corrupt in part: dropped ${some(badEntries, format.entry, format.entries)}`;
    damage.push({ severity: "error", what });
  }
  if (badFields.length > 0) {
    damage.push({
      severity: "warning",
      what: `holds unreadable values: dropped ${some(badFields, "field")}`,
    });
  }
  return { value: parsed.value, damage };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function notOurs(text: string | undefined, content: unknown) {
  const reason =
    text === undefined
      ? "it is no UTF-8 text"
      : text.trim() === ""
        ? "it is empty"
        : content === undefined
          ? "it is not valid JSON"
          : "it holds no JSON object";
  return { unreadable: "corrupt", reason } as const;
}

/** Such as `3 counters (1, 2, …)`; names that could be anything are not shown. */
function some(names: readonly string[], noun: string, plural?: string): string {
  const shown = names.filter((name) => /^[\w. -]{1,60}$/.test(name)).slice(0, 3);
  const rest = shown.length < names.length ? ["…"] : [];
  return `${countOf(names.length, noun, plural)} (${[...shown, ...rest].join(", ")})`;
}

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
}

/** One file of state, in use. */
export interface StateFile<T> {
  readonly value: T;
  /** Returns once the disk has `value`; does nothing in mode `read`. Throws a `StateError` when it can't. */
  readonly save: () => Promise<void>;
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
    return { value, save: async () => {}, problems: problems("the file stays as it is") };
  }

  let kept = "";
  if (damage.length > 0) {
    kept = await keepDamaged(fs, path, encodeText(format.format(value)), place.now());
  } else if (loaded.exposed) {
    await makePrivate(fs, path);
  }

  const content = () => encodeText(format.format(value));
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
    await writeAtomically(fs, path, content());
    doubtful = false;
  };
  return {
    value,
    save: createSaver(write),
    problems: problems(`the file was kept as ${kept}`),
  };
}

function textOf<T>(format: StateFormat<T>, value: T): string {
  return [...format.format(value)].join("");
}
