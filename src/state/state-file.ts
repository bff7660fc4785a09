import { createHash } from "node:crypto";
import { join } from "node:path";
import { countOf, tryParseJson } from "../core/text.ts";
import { StateError } from "../errors.ts";
import type { FileSystem } from "./file-system.ts";
import { keepDamaged, makePrivate, readStateFile, writeAtomically } from "./files.ts";
import { isOpen } from "./folder.ts";
import { isObject, type Lost, type StateFormat, UnreadableError } from "./formats.ts";

/** Something in the state folder that its owner should hear of; an `error` makes the sweep exit 3. */
export interface StateProblem {
  /** The file's name in the state folder, or the path of the original's counters. */
  readonly file: string;
  /** One line; names the file. */
  readonly message: string;
  readonly severity: "warning" | "error";
}

/** Something that was lost in reading; `what` follows the file's name in a sentence. */
type Damage = Pick<StateProblem, "severity"> & { readonly what: string };

/** One JSON file of state. */
export interface StateFile<T> {
  readonly value: T;
  readonly exists: boolean;
  /**
   * To be called before anything is saved, with the lock held: a damaged file is kept under another name and replaced by what could be read, so that the
   * same damage is not met again. Throws a `StateError` when that fails.
   */
  takeIntoUse(now: Date): Promise<void>;
  /** Returns once the disk has `value`; does nothing before `takeIntoUse`. Throws a `StateError` when it can't. */
  save(): Promise<void>;
  /** What was found in reading, and what became of the file. */
  problems(): StateProblem[];
}

/** Reads one file of state. Throws a `StateError` when it can't be read, or was written by a newer version. */
export async function loadState<T>(
  fs: FileSystem,
  folder: string,
  format: StateFormat<T>,
): Promise<StateFile<T>> {
  const path = join(folder, format.file);
  const content = await readStateFile(fs, path);
  const exists = content !== undefined;
  const isExposed = exists && isOpen(content.stat);
  const { value, damage } = exists
    ? parseState(path, decode(content.bytes), format)
    : { value: format.empty(), damage: [] };
  const encode = createEncoder();
  let isInUse = false;
  let saved: string | undefined;
  let outcome = "the file stays as it is";
  return {
    value,
    exists,
    async takeIntoUse(now) {
      isInUse = true;
      const blocks = encode(format.format(value));
      if (damage.length > 0) outcome = `the file was kept as ${await keepDamaged(fs, path, blocks, now)}`;
      else if (isExposed) await makePrivate(fs, path);
      // The first sweep creates the counters, whatever they hold.
      if (exists || !format.isOriginals) saved = digest(blocks);
    },
    save: createSaver(async () => {
      if (!isInUse) return;
      const blocks = encode(format.format(value));
      const current = digest(blocks);
      if (current === saved) return;
      // After a failure the file may be the new one, and the disk not know it yet.
      saved = undefined;
      await writeAtomically(fs, path, blocks);
      saved = current;
    }),
    problems: () => problemsOf(format.file, damage, outcome),
  };
}

/** Damage as problems of a file; `outcome` is what became of it. */
export function problemsOf(file: string, damage: readonly Damage[], outcome: string): StateProblem[] {
  return damage.map(({ severity, what }) => ({ file, message: `${file} ${what}; ${outcome}`, severity }));
}

/** Parses what the file at `path` holds; a `text` of `undefined` stands for bytes that are not UTF-8. */
export function parseState<T>(
  path: string,
  text: string | undefined,
  format: StateFormat<T>,
): { readonly value: T; readonly damage: readonly Damage[] } {
  const lost: Lost = { entries: [], fields: [] };
  const damage: Damage[] = [];
  try {
    const content = parseObject(text);
    const { version } = content;
    if (typeof version === "number" && version > 1) {
      throw new StateError(`${path} was written by a newer magnets (version ${version}); update this one`);
    }
    if (!format.isOriginals && version !== 1) throw new UnreadableError("it has no version");
    const value = format.parse(content, lost);
    if (lost.entries.length > 0) {
      const what = `is corrupt in part: dropped ${listed(lost.entries, format.entry, format.entries)}`;
      damage.push({ severity: "error", what });
    }
    if (lost.fields.length > 0) {
      const what = `holds unreadable values: dropped ${listed(lost.fields, "field")}`;
      damage.push({ severity: "warning", what });
    }
    return { value, damage };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const what = `is corrupt: ${error.message}; going on as if it were empty`;
    return { value: format.empty(), damage: [{ severity: "error", what }] };
  }
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseObject(text: string | undefined): Record<string, unknown> {
  if (text === undefined) throw new UnreadableError("it is not UTF-8");
  if (text.trim() === "") throw new UnreadableError("it is empty");
  const content = tryParseJson(text.replace(/^\uFEFF/, ""));
  if (content === undefined) throw new UnreadableError("it is not valid JSON");
  if (!isObject(content)) throw new UnreadableError("it is not a JSON object");
  return content;
}

/** Such as `3 counters (1, 2, …)`; names that could be anything are not shown. */
function listed(names: readonly string[], noun: string, plural?: string): string {
  const shown = names.filter((name) => /^[\w. -]{1,60}$/.test(name)).slice(0, 3);
  const rest = shown.length < names.length ? ["…"] : [];
  return `${countOf(names.length, noun, plural)} (${[...shown, ...rest].join(", ")})`;
}

const BLOCK_BYTES = 64 * 1024;

/**
 * Makes the function that encodes a file into blocks, the same ones each time: twenty accounts save 8 MB of counters
 * forty times, which would be garbage faster than it is collected.
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
 * later one; calls that overlap share a write, and writes follow each other. An error of `write`, which puts the present
 * state on disk, reaches everybody who waited for that write.
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
