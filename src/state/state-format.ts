import * as v from "valibot";

/** How one JSON file of state is read and written. */
export interface StateFormat<T> {
  /** The file's name in the state folder. */
  readonly file: string;
  /** What one of its entries is called. */
  readonly entry: string;
  /** What several are called, unless an s does. */
  readonly entries?: string;
  /** Whether the first save creates the file even when nothing is to be remembered. */
  readonly always: boolean;
  /** What a missing file stands for. */
  empty(): T;
  /** `content` is the parsed JSON: an object. Throws nothing. */
  parse(content: Readonly<Record<string, unknown>>): Parsed<T> | Unreadable;
  /** The file's whole text, a long one in many pieces. None ends inside a character. */
  format(value: T): Iterable<string>;
}

/** A file that could be read, but for what is listed. */
export interface Parsed<T> {
  readonly value: T;
  /** Entries that could not be read and are missing in `value`, by name or position. */
  readonly badEntries: readonly string[];
  /** Fields of a wrong type that were left out of entries that are fine without, as `entry.field`. */
  readonly badFields: readonly string[];
}

/** A file that is of no use, as a whole. */
export interface Unreadable {
  /** `newer`: written by a later version of this program. */
  readonly unreadable: "corrupt" | "newer";
  readonly reason: string;
}

/** Looks at the `version` that every file of ours carries; `undefined` is well. */
export function versionProblem(version: unknown): Unreadable | undefined {
  if (version === 1) return undefined;
  const newer = typeof version === "number" && version > 1;
  return newer
    ? { unreadable: "newer", reason: `version ${version}` }
    : { unreadable: "corrupt", reason: "it has no version" };
}

/** What `parseEntry` makes of a good entry. */
export interface ParsedEntry<T> {
  readonly entry: T;
  /** Fields that were left out because their type is wrong. */
  readonly badFields: readonly string[];
}

/** How deep an entry may be nested; beyond, reading or writing it could overflow somebody's stack. */
const MAX_DEPTH = 32;

/** Parses one entry by its schema; one that is fine but for optional fields loses only these. */
export function parseEntry<T>(schema: v.GenericSchema<unknown, T>, raw: unknown): ParsedEntry<T> | undefined {
  if (!isObject(raw) || isDeeper(raw, MAX_DEPTH)) return undefined;
  const result = v.safeParse(schema, raw);
  if (result.success) return { entry: result.output, badFields: [] };
  const badFields = [...new Set(result.issues.map((issue) => String(issue.path?.[0]?.key)))];
  const rest = Object.entries(raw).filter(([field]) => !badFields.includes(field));
  const retried = v.safeParse(schema, Object.fromEntries(rest));
  if (!retried.success) return undefined;
  // A null says "unknown" as well as a missing field does.
  return { entry: retried.output, badFields: badFields.filter((field) => raw[field] !== null) };
}

/** Parses entries one by one, each with its name. */
export function parseEntries<T>(
  schema: v.GenericSchema<unknown, T>,
  entries: Iterable<readonly [string, unknown]>,
): Parsed<[string, T][]> {
  const value: [string, T][] = [];
  const badEntries: string[] = [];
  const badFields: string[] = [];
  for (const [name, raw] of entries) {
    const parsed = parseEntry(schema, raw);
    if (parsed) value.push([name, parsed.entry]);
    else badEntries.push(name);
    for (const field of parsed?.badFields ?? []) badFields.push(`${name}.${field}`);
  }
  return { value, badEntries, badFields };
}

/** A list's items, each named by its position from 1. */
export function numbered(list: readonly unknown[]): [string, unknown][] {
  return list.map((item, index) => [`entry ${index + 1}`, item]);
}

/** Whether it is an object as JSON has them, and no list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDeeper(object: Readonly<Record<string, unknown>>, depth: number): boolean {
  if (depth === 0) return true;
  // What JSON.parse made inherits nothing, and a list of the values would have to be made for each entry.
  for (const field in object) {
    const inner = object[field];
    if (typeof inner === "object" && inner !== null && isDeeper(inner as Record<string, unknown>, depth - 1))
      return true;
  }
  return false;
}
