import * as v from "valibot";
import type { AccountHealth, Deletion, Intent, SweepSummary } from "../core/records.ts";
import { tryParseJson } from "../core/text.ts";

/** How one JSON file of state is read and written. */
export interface StateFormat<T> {
  /** The file's name in the state folder. */
  readonly file: string;
  /** What one of its entries is called. */
  readonly entry: string;
  /** What several are called; default: `entry` with an s. */
  readonly entries?: string;
  /** Whether the first save creates the file even when nothing is to be remembered. */
  readonly always: boolean;
  /** What a missing file stands for. */
  empty(): T;
  /** `content` is the parsed JSON: an object. Throws nothing. */
  parse(content: Readonly<Record<string, unknown>>): Parsed<T> | Unreadable;
  /** The whole file, a long one in many pieces. */
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

/** Looks at the `version` that every file of ours carries; `undefined` when it can be read. */
export function versionProblem(version: unknown): Unreadable | undefined {
  if (version === 1) return undefined;
  const newer = typeof version === "number" && version > 1;
  if (newer) return { unreadable: "newer", reason: `version ${version}` };
  return { unreadable: "corrupt", reason: "it has no version" };
}

/** A magnet's id: digits without leading zeros, as many as 64 bits can have. */
export const MagnetId = v.pipe(v.string(), v.regex(/^(?:0|[1-9]\d{0,19})$/));

export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
export const Quantity = v.pipe(v.number(), v.finite(), v.minValue(0));

const MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;

/** ISO 8601: nothing that `Date.parse` could not read. */
export const Moment = v.pipe(v.string(), v.regex(MOMENT));

/** How deep an entry may be nested; beyond, reading or writing it could overflow somebody's stack. */
const MAX_DEPTH = 32;

/** Parses one entry by its schema; one that is fine but for optional fields loses only these, `badFields`. */
export function parseEntry<T>(schema: v.GenericSchema<unknown, T>, raw: unknown) {
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

/** Whether it is a JSON object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

/** Parses `{"version": 1, "FIELD": [entry, …]}`; entries are named by their position, from 1. */
export function parseList<T>(
  content: Readonly<Record<string, unknown>>,
  field: string,
  schema: v.GenericSchema<unknown, T>,
): Parsed<T[]> | Unreadable {
  const problem = versionProblem(content.version);
  if (problem) return problem;
  const list = content[field];
  if (!Array.isArray(list)) return { unreadable: "corrupt", reason: `"${field}" is missing or not a list` };
  const parsed = parseEntries(
    schema,
    list.map((raw, index) => [`entry ${index + 1}`, raw]),
  );
  return { ...parsed, value: parsed.value.map(([, entry]) => entry) };
}

/** Converts what could be read. */
export function mapParsed<A, B>(
  parsed: Parsed<A> | Unreadable,
  convert: (value: A) => B,
): Parsed<B> | Unreadable {
  return "unreadable" in parsed ? parsed : { ...parsed, value: convert(parsed.value) };
}

/** The text of a file that carries a version. */
export function formatFile(content: Readonly<Record<string, unknown>>): string[] {
  return [
    `${JSON.stringify({ version: 1, ...content }, null, 2)}
`,
  ];
}

/** Of a deletion, wherever it is kept. */
export const deletionFields = {
  key: v.string(),
  id: MagnetId,
  filename: v.exactOptional(v.string()),
  size: v.exactOptional(Quantity),
  hash: v.exactOptional(v.string()),
  magnet: v.exactOptional(v.string()),
  account: v.string(),
  fingerprint: v.string(),
  deleted_at: Moment,
  response_lost: v.exactOptional(v.boolean()),
  confirmed: v.exactOptional(v.boolean()),
  status: v.string(),
  status_text: v.exactOptional(v.string()),
  fails: Count,
  max_retries: Count,
  failing_since: v.exactOptional(Moment),
  uploaded_at: v.exactOptional(Moment),
};

/** A deletion as `deletions.jsonl` and the intents hold it; fields of later versions are kept, as everywhere. */
const DeletionSchema: v.GenericSchema<unknown, Deletion> = v.looseObject(deletionFields);

/** Reads a line of `deletions.jsonl`; `undefined` for what is not a deletion. */
export function parseDeletion(line: string): Deletion | undefined {
  return parseEntry(DeletionSchema, tryParseJson(line))?.entry;
}

/**
 * `intents.json`: the deletions under way, by magnet id. There `deleted_at` is when the request was made, since
 * version 1.0.0 wrote and requires it.
 */
export const intentsFormat: StateFormat<Map<string, Intent>> = {
  file: "intents.json",
  entry: "intent to delete",
  entries: "intents to delete",
  always: false,
  empty: () => new Map(),
  parse: (content) =>
    mapParsed(
      parseList(content, "intents", DeletionSchema),
      (intents) =>
        new Map(
          intents.map(({ deleted_at, ...intent }) => [intent.id, { ...intent, requested_at: deleted_at }]),
        ),
    ),
  format: (intents) =>
    formatFile({
      intents: [...intents.values()].map(({ requested_at, ...intent }) => ({
        ...intent,
        deleted_at: requested_at,
      })),
    }),
};

/** Whether something works, and what was announced of it. */
export const healthFields = {
  trouble: v.exactOptional(
    v.looseObject({
      code: v.string(),
      since: Moment,
      sweeps: v.exactOptional(Count),
      well: v.exactOptional(Count),
      told: v.exactOptional(v.boolean()),
    }),
  ),
  told: v.exactOptional(
    v.object({ code: v.exactOptional(v.string()), at: v.exactOptional(v.array(Moment)) }),
  ),
};

const AccountSchema: v.GenericSchema<unknown, AccountHealth> = v.looseObject({
  name: v.string(),
  cap_told: v.exactOptional(v.boolean()),
  ...healthFields,
  premium_ending: v.exactOptional(v.looseObject({ until: Moment, told: v.exactOptional(v.boolean()) })),
  asked_at: v.exactOptional(Moment),
  premium_until: v.exactOptional(Moment),
  keys: v.exactOptional(v.array(v.string())),
  last_swept: v.exactOptional(Moment),
  past_limit: v.exactOptional(Moment),
});

/**
 * `accounts.json`: what is remembered of each account, by the fingerprint of its user's name; of its key until that is
 * known, as 1.0.0 wrote it.
 */
export const accountsFormat: StateFormat<Map<string, AccountHealth>> = {
  file: "accounts.json",
  entry: "account",
  always: false,
  empty: () => new Map(),
  parse: ({ version, accounts }) => {
    const problem = versionProblem(version);
    if (problem) return problem;
    if (!isObject(accounts))
      return { unreadable: "corrupt", reason: `"accounts" is missing or not an object` };
    return mapParsed(parseEntries(AccountSchema, Object.entries(accounts)), (entries) => new Map(entries));
  },
  format: (accounts) => formatFile({ accounts: Object.fromEntries(accounts) }),
};

/** A day at the default of one sweep every half hour, so that a bad night can still be seen. */
const KEPT = 50;

const SweepSchema: v.GenericSchema<unknown, SweepSummary> = v.looseObject({
  started_at: Moment,
  finished_at: Moment,
  exit_code: Count,
  failing: Count,
  restarted: Count,
  deleted: Count,
  held: Count,
  failed: Count,
  forgotten: Count,
  waiting: v.exactOptional(Count),
  not_started: v.exactOptional(Count),
  recent_requests_ms: v.exactOptional(v.array(Quantity)),
  accounts: v.array(v.looseObject({ name: v.string(), ok: v.boolean(), error: v.nullable(v.string()) })),
});

/** `sweeps.json`: the last sweeps, oldest first; no more than 50 are written. */
export const sweepsFormat: StateFormat<SweepSummary[]> = {
  file: "sweeps.json",
  entry: "sweep",
  always: false,
  empty: () => [],
  parse: (content) => parseList(content, "sweeps", SweepSchema),
  format: (sweeps) => {
    const lines = sweeps.slice(-KEPT).map((sweep) => `  ${JSON.stringify(sweep)}`);
    return `{"version":1,"sweeps":[\n${lines.join(",\n")}\n]}\n`;
  },
};

/** The mark of a sweep that has not ended. */
export interface RunningMark {
  /** ISO 8601: its last sign of life; absent once it has ended. */
  alive_at?: string;
}

/** `running.json`: whether the last sweep ended well, for the rate limit of the next. */
export const runningFormat: StateFormat<RunningMark> = {
  file: "running.json",
  entry: "mark",
  always: false,
  empty: () => ({}),
  parse: ({ version, alive_at }) => {
    const problem = versionProblem(version);
    if (problem) return problem;
    const isRead = alive_at === undefined || v.is(Moment, alive_at);
    const value = isRead && alive_at !== undefined ? { alive_at } : {};
    return { value, badEntries: [], badFields: isRead ? [] : ["alive_at"] };
  },
  format: ({ alive_at }) => formatFile({ alive_at }),
};
