import * as v from "valibot";
import type { AccountHealth, Deletion, Intent, Notice, Outbox, SweepSummary } from "../core/records.ts";
import { tryParseJson } from "../core/text.ts";

/** What a magnet's id looks like: digits without leading zeros, as many as 64 bits can have. */
export const MAGNET_ID = /^(?:0|[1-9]\d{0,19})$/;

/** A magnet's id. */
export const MagnetId = v.pipe(v.string(), v.regex(MAGNET_ID));

const MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;

// Functions, because they are asked of every field of every counter at every start: a schema takes ten times as long.

/** Whether it is a text. */
export const isText = (value: unknown): boolean => typeof value === "string";

/** Whether it is true or false. */
export const isFlag = (value: unknown): boolean => typeof value === "boolean";

/** Whether it is a count: a whole number, ≥ 0. */
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether it is a quantity, ≥ 0. */
export const isQuantity = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;

/** Whether it is a moment, ISO 8601: nothing that `Date.parse` could not read, and tested far quicker. */
export const isMoment = (value: unknown): boolean => typeof value === "string" && MOMENT.test(value);

/** A count. */
export const Count = v.custom<number>(isCount);

/** A quantity. */
export const Quantity = v.custom<number>(isQuantity);

/** A moment. */
export const Moment = v.custom<string>(isMoment);

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

/** The fields of a deletion, as `deletions.jsonl`, the intents and the outbox hold it. */
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
  status: v.string(),
  status_text: v.exactOptional(v.string()),
  fails: Count,
  max_retries: Count,
  failing_since: v.exactOptional(Moment),
};

/** A deletion; fields of later versions are kept. */
export const DeletionSchema: v.GenericSchema<unknown, Deletion> = v.looseObject(deletionFields);

/** Reads a line of `deletions.jsonl`; `undefined` for what is no deletion. */
export function parseDeletion(line: string): Deletion | undefined {
  return parseEntry(DeletionSchema, tryParseJson(line))?.entry;
}

const AccountSchema: v.GenericSchema<unknown, AccountHealth> = v.looseObject({
  name: v.string(),
  cap_told: v.exactOptional(v.boolean()),
  trouble: v.exactOptional(
    v.looseObject({ code: v.string(), since: Moment, told: v.exactOptional(v.boolean()) }),
  ),
  premium_ending: v.exactOptional(v.looseObject({ until: Moment, told: v.exactOptional(v.boolean()) })),
  asked_at: v.exactOptional(Moment),
  premium_until: v.exactOptional(Moment),
});

/** `accounts.json`: what is remembered of each account, by the fingerprint of its key. */
export const accountsFormat: StateFormat<Map<string, AccountHealth>> = {
  file: "accounts.json",
  entry: "account",
  always: false,
  empty: () => new Map(),
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!isObject(content.accounts)) return { unreadable: "corrupt", reason: "it holds no accounts" };
    const parsed = parseEntries(AccountSchema, Object.entries(content.accounts));
    return { ...parsed, value: new Map(parsed.value) };
  },
  format: (accounts) => [
    `${JSON.stringify({ version: 1, accounts: Object.fromEntries(accounts) }, null, 2)}\n`,
  ],
};

const IntentsFile = v.object({ intents: v.array(v.unknown()) });

/** `intents.json`: the deletions under way, by magnet id. */
export const intentsFormat: StateFormat<Map<string, Intent>> = {
  file: "intents.json",
  entry: "intent to delete",
  entries: "intents to delete",
  always: false,
  empty: () => new Map(),
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!v.is(IntentsFile, content)) return { unreadable: "corrupt", reason: "it holds no list of intents" };
    const parsed = parseEntries(DeletionSchema, numbered(content.intents));
    return { ...parsed, value: new Map(parsed.value.map(([, intent]) => [intent.id, intent])) };
  },
  format: (intents) => [`${JSON.stringify({ version: 1, intents: [...intents.values()] }, null, 2)}\n`],
};

const OutboxFile = v.object({ pending: v.array(v.unknown()), dead_webhook: v.optional(v.unknown()) });

const NoticeSchema: v.GenericSchema<unknown, Notice> = v.variant("kind", [
  v.looseObject({ kind: v.literal("deletion"), ...deletionFields }),
  v.looseObject({
    kind: v.literal("cap"),
    key: v.string(),
    at: Moment,
    account: v.string(),
    due: Count,
    max_deletes: Count,
  }),
  v.looseObject({
    kind: v.literal("alert"),
    key: v.string(),
    at: Moment,
    account: v.string(),
    code: v.string(),
    resolved: v.boolean(),
    until: v.exactOptional(Moment),
  }),
]);

const DeadWebhookSchema: v.GenericSchema<unknown, NonNullable<Outbox["dead_webhook"]>> = v.looseObject({
  fingerprint: v.string(),
  status: v.number(),
  called_at: Moment,
});

/** `outbox.json`: the notices that wait for Discord, oldest first. */
export const outboxFormat: StateFormat<Outbox> = {
  file: "outbox.json",
  entry: "notice",
  always: false,
  empty: () => ({ pending: [] }),
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!v.is(OutboxFile, content)) return { unreadable: "corrupt", reason: "it holds no list of notices" };
    const parsed = parseEntries(NoticeSchema, numbered(content.pending));
    const value: Outbox = { pending: parsed.value.map(([, notice]) => notice) };
    const dead = parseEntry(DeadWebhookSchema, content.dead_webhook);
    if (dead) value.dead_webhook = dead.entry;
    const lost = !dead && content.dead_webhook !== undefined && content.dead_webhook !== null;
    return { ...parsed, value, badFields: lost ? [...parsed.badFields, "dead_webhook"] : parsed.badFields };
  },
  format: ({ pending, dead_webhook }) => [
    `${JSON.stringify({ version: 1, pending, dead_webhook }, null, 2)}\n`,
  ],
};

/** A day at the default of one sweep every half hour, so that a bad night can still be seen. */
const KEPT = 50;

const SweepsFile = v.object({ sweeps: v.array(v.unknown()) });

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
  recent_requests_ms: v.exactOptional(v.array(Quantity)),
  accounts: v.array(v.looseObject({ name: v.string(), ok: v.boolean(), error: v.nullable(v.string()) })),
});

/** `sweeps.json`: the last sweeps, oldest first; no more than 50 are written. */
export const sweepsFormat: StateFormat<SweepSummary[]> = {
  file: "sweeps.json",
  entry: "sweep",
  always: false,
  empty: () => [],
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!v.is(SweepsFile, content)) return { unreadable: "corrupt", reason: "it holds no list of sweeps" };
    const parsed = parseEntries(SweepSchema, numbered(content.sweeps));
    return { ...parsed, value: parsed.value.map(([, sweep]) => sweep) };
  },
  format: (sweeps) => {
    const lines = sweeps.slice(-KEPT).map((sweep) => `  ${JSON.stringify(sweep)}`);
    return [`{"version":1,"sweeps":[\n${lines.join(",\n")}\n]}\n`];
  },
};
