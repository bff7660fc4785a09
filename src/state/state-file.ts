import { createHash } from "node:crypto";
import { join } from "node:path";
import { countOf, tryParseJson } from "../core/text.ts";
import { StateError } from "../errors.ts";
import type { FileSystem } from "./file-system.ts";
import { copyStateFile, isOpen, readStateFile, writeAtomically } from "./files.ts";
import { isObject, type StateFormat, StateReader, UnreadableError } from "./formats.ts";

/** Something in the state folder that its owner should hear of; an `error` makes the sweep exit 3. */
export interface StateProblem {
  /** One line; names the file. */
  readonly message: string;
  readonly severity: "warning" | "error";
}

/** Reads one JSON file of state. Throws a `StateError` when it can't be read, or was written by a newer version. */
export async function loadState<T>(fs: FileSystem, folder: string, format: StateFormat<T>) {
  const path = join(folder, format.file);
  const content = await readStateFile(fs, path);
  const exists = content !== undefined;
  const isExposed = exists && isOpen(content.stat);
  const { value, problems } = parseState(format.file, content?.bytes, format);
  let outcome = "the file stays as it is";
  const encode = createEncoder();
  let isInUse = false;
  /** The digest of what the disk has. */
  let saved: string | undefined;
  return {
    value,
    exists,
    /**
     * To be called before anything is saved, with the lock held: a damaged file is kept as `NAME.corrupt-<time>` and
     * replaced by what could be read, so that the same damage is not met again. Throws a `StateError` when that fails.
     */
    async takeIntoUse(now: Date): Promise<void> {
      isInUse = true;
      const bytes = encode(format.format(value));
      if (problems.length > 0) {
        const kept = `${format.file}.corrupt-${now.toISOString().replaceAll(":", "-")}`;
        await copyStateFile(fs, path, join(folder, kept));
        outcome = `the file was kept as ${kept}`;
      }
      if (problems.length > 0 || isExposed) await writeAtomically(fs, path, bytes);
      // The first sweep creates the counters, whatever they hold.
      if (exists || !format.isOriginals) saved = digest(bytes);
    },
    /** Returns once the disk has `value`; does nothing before `takeIntoUse`. Throws a `StateError` when it can't. */
    save: createSaver(async () => {
      if (!isInUse) return;
      const bytes = encode(format.format(value));
      const current = digest(bytes);
      if (current === saved) return;
      // After a failure the file may be the new one, and the disk not know it yet.
      saved = undefined;
      await writeAtomically(fs, path, bytes);
      saved = current;
    }),
    /** What was found in reading, and what became of the file. */
    problems: () => problems.map((problem) => ({ ...problem, message: `${problem.message}; ${outcome}` })),
  };
}

/** Parses what a file of state holds, if there is one; `name` is what to call it. */
export function parseState<T>(
  name: string,
  bytes: Uint8Array | undefined,
  format: StateFormat<T>,
): { readonly value: T; readonly problems: readonly StateProblem[] } {
  const problems: StateProblem[] = [];
  try {
    const content = bytes && parseObject(bytes);
    const { version } = content ?? { version: 1 };
    if (typeof version === "number" && version > 1) {
      throw new StateError(`${name} was written by a newer magnets (version ${version}); update this one`);
    }
    if (!format.isOriginals && version !== 1) throw new UnreadableError("it has no version");
    const reader = new StateReader(content);
    const value = format.parse(reader);
    if (reader.lostEntries.length > 0) {
      const message = `${name} is corrupt in part: dropped ${listed(reader.lostEntries, format.entry)}`;
      problems.push({ severity: "error", message });
    }
    if (reader.lostFields.length > 0) {
      const message = `${name} holds unreadable values: dropped ${listed(reader.lostFields, "field")}`;
      problems.push({ severity: "warning", message });
    }
    return { value, problems };
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    const message = `${name} is corrupt: ${error.message}; going on as if it were empty`;
    return { value: format.parse(new StateReader()), problems: [{ severity: "error", message }] };
  }
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadableError("it is not UTF-8");
  }
  if (text.trim() === "") throw new UnreadableError("it is empty");
  const content = tryParseJson(text);
  if (content === undefined) throw new UnreadableError("it is not valid JSON");
  if (!isObject(content)) throw new UnreadableError("it is not a JSON object");
  return content;
}

/** Such as `3 counters (1, 2, …)`; names that could be anything are not shown. */
function listed(names: readonly string[], noun: string): string {
  const shown = names.filter((name) => /^[\w. -]{1,60}$/.test(name)).slice(0, 3);
  const rest = shown.length < names.length ? ["…"] : [];
  return `${countOf(names.length, noun)} (${[...shown, ...rest].join(", ")})`;
}

/**
 * Makes the function that encodes a file into the same memory each time: twenty accounts save 8 MB of counters forty
 * times, which would be garbage faster than it is collected.
 */
function createEncoder(): (pieces: Iterable<string>) => Uint8Array {
  let memory = Buffer.alloc(0);
  return (pieces) => {
    let length = 0;
    for (const piece of pieces) {
      // UTF-8 takes three bytes at most for a UTF-16 unit.
      const needed = length + 3 * piece.length;
      if (needed > memory.length) memory = Buffer.concat([memory], Math.ceil(1.5 * needed));
      length += memory.write(piece, length);
    }
    return memory.subarray(0, length);
  };
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("base64");
}

/**
 * Makes the function that saves one file. Once a call returns, the disk has the state as it was at the call or a
 * later one; calls that overlap share a write, and writes follow each other. An error of `write`, which puts the present
 * state on disk, reaches everybody who waited for that write.
 */
export function createSaver(write: () => Promise<void>): () => Promise<void> {
  let scheduled: Promise<void> | undefined;
  let last: Promise<void> = Promise.resolve();
  return () => {
    scheduled ??= last.then(() => {
      // From here on the state may change without being part of this write.
      scheduled = undefined;
      return write();
    });
    last = scheduled.catch(() => {});
    return scheduled;
  };
}
