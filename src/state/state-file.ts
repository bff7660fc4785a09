import { createHash } from "node:crypto";
import { join } from "node:path";
import { countOf, tryParseJson } from "../core/text.ts";
import { StateError } from "../errors.ts";
import type { FileSystem } from "./file-system.ts";
import { keepDamaged, makePrivate, readStateFile, writeAtomically } from "./files.ts";
import { isObject, type Parsed, type StateFormat, type Unreadable } from "./formats.ts";

/** Something in the state folder that its owner should hear of; an `error` makes the sweep exit 3. */
export interface StateProblem {
  /** The file's name in the state folder, or the path of the original's counters. */
  readonly file: string;
  /** One line; names the file. */
  readonly message: string;
  readonly severity: "warning" | "error";
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
  const parsed = parseState(path, decode(content.bytes), format);
  return { ...parsed, exists: true, exposed: (content.mode & 0o077) !== 0 };
}

/**
 * Parses what the file at `path` holds; `undefined` stands for bytes that are not UTF-8.
 *
 * @throws StateError when a newer version wrote it.
 */
export function parseState<T>(
  path: string,
  text: string | undefined,
  format: StateFormat<T>,
): Pick<Loaded<T>, "value" | "damage"> {
  const parsed = parseObject(text, format);
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
    const what = `is corrupt in part: dropped ${listed(badEntries, format.entry, format.entries)}`;
    damage.push({ severity: "error", what });
  }
  if (badFields.length > 0) {
    const what = `holds unreadable values: dropped ${listed(badFields, "field")}`;
    damage.push({ severity: "warning", what });
  }
  return { value: parsed.value, damage };
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseObject<T>(text: string | undefined, format: StateFormat<T>): Parsed<T> | Unreadable {
  const corrupt = (reason: string) => ({ unreadable: "corrupt", reason }) as const;
  if (text === undefined) return corrupt("it is not UTF-8");
  if (text.trim() === "") return corrupt("it is empty");
  const content = tryParseJson(text.replace(/^\uFEFF/, ""));
  if (content === undefined) return corrupt("it is not valid JSON");
  return isObject(content) ? format.parse(content) : corrupt("it is not a JSON object");
}

/** Such as `3 counters (1, 2, …)`; names that could be anything are not shown. */
function listed(names: readonly string[], noun: string, plural?: string): string {
  const shown = names.filter((name) => /^[\w. -]{1,60}$/.test(name)).slice(0, 3);
  const rest = shown.length < names.length ? ["…"] : [];
  return `${countOf(names.length, noun, plural)} (${[...shown, ...rest].join(", ")})`;
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
  { fs, folder, mode, now }: StatePlace,
  { value, exists, exposed, damage }: Loaded<T>,
  format: StateFormat<T>,
): Promise<StateFile<T>> {
  const path = join(folder, format.file);
  const problems = (outcome: string) =>
    damage.map(({ severity, what }) => ({
      file: format.file,
      message: `${format.file} ${what}; ${outcome}`,
      severity,
    }));
  if (mode === "read") return { value, save: async () => {}, problems: problems("the file stays as it is") };

  const encode = createEncoder();
  let kept = "";
  if (damage.length > 0) kept = await keepDamaged(fs, path, encode(format.format(value)), now());
  else if (exposed) await makePrivate(fs, path);

  let saved = exists || !format.always ? digest(encode(format.format(value))) : undefined;
  const save = createSaver(async () => {
    const blocks = encode(format.format(value));
    const current = digest(blocks);
    if (current === saved) return;
    // After a failure the file may be the new one, and the disk not know it yet.
    saved = undefined;
    await writeAtomically(fs, path, blocks);
    saved = current;
  });
  return { value, save, problems: problems(`the file was kept as ${kept}`) };
}

const BLOCK_BYTES = 64 * 1024;

/**
 * Makes the function that encodes a file into blocks, the same ones each time: a sweep of many accounts saves
 * megabytes of counters after each of them, which would be garbage faster than it is collected.
 */
function createEncoder(): (pieces: Iterable<string>) => Buffer[] {
  const blocks: Buffer[] = [];
  return (pieces) => {
    const encoded: Buffer[] = [];
    let block: Buffer = Buffer.alloc(0);
    let length = 0;
    for (const piece of pieces) {
      // UTF-8 takes three bytes at most for a UTF-16 unit.
      const needed = 3 * piece.length;
      if (length + needed > block.length) {
        if (length > 0) encoded.push(block.subarray(0, length));
        length = 0;
        const used = blocks[encoded.length];
        block = used && used.length >= needed ? used : Buffer.alloc(Math.max(BLOCK_BYTES, needed));
        blocks[encoded.length] = block;
      }
      length += block.write(piece, length);
    }
    return [...encoded, block.subarray(0, length)];
  };
}

function digest(blocks: readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const block of blocks) hash.update(block);
  return hash.digest("base64");
}

/**
 * Makes the function that saves one file. Once a call returns, the disk has the state as it was at the call or a
 * later one; calls that overlap share a write, and writes follow each other.
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
