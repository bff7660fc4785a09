import { join } from "node:path";
import { countOf } from "../core/count-of.ts";
import { tryParseJson } from "../core/try-parse-json.ts";
import { StateError } from "../errors.ts";
import type { FileSystem } from "./file-system.ts";
import { readStateFile } from "./read-state-file.ts";
import { isObject, type StateFormat } from "./state-format.ts";

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
