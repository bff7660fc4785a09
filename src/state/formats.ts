import * as v from "valibot";
import {
  type AccountHealth,
  type Arrs,
  accountFields,
  alertNoticeFields,
  arrHealthFields,
  arrTaskFields,
  type ConfirmedDeletion,
  CounterSchema,
  type Counters,
  capNoticeFields,
  confirmedFields,
  deletionFields,
  deletionNoticeFields,
  type Intent,
  MagnetId,
  Moment,
  type Outbox,
  refusalFields,
  type SweepSummary,
  sweepFields,
} from "../core/records.ts";

/** How one JSON file of state is read and written. */
export interface StateFormat<T> {
  /** The file's name in the state folder. */
  readonly file: string;
  /** What one of its entries is called. */
  readonly entry: string;
  /** What several are called; default: `entry` with an s. */
  readonly entries?: string;
  /** The original program's: it has no version, and is there even where it holds nothing. */
  readonly isOriginals?: boolean;
  /** What a missing file stands for. */
  empty(): T;
  /** `content` is the parsed JSON. Throws an `UnreadableError` where it is of no use as a whole. */
  parse(content: Readonly<Record<string, unknown>>, lost: Lost): T;
  /** The whole file, a long one in many pieces. */
  format(value: T): Iterable<string>;
}

/** What could not be read of a file, and is missing in its value. */
export interface Lost {
  /** Whole entries, by name or position. */
  readonly entries: string[];
  /** Fields of entries that are fine without them, as `entry.field`. */
  readonly fields: string[];
}

/** A file is of no use as a whole; the message says why. */
export class UnreadableError extends Error {
  override name = "UnreadableError";
}

/** Whether it is a JSON object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How deep an entry may be nested; beyond, reading or writing it could overflow somebody's stack. */
const MAX_DEPTH = 32;

function isDeeper(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((inner) => isDeeper(inner, depth - 1));
}

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
function parseEntries<T>(
  entries: Iterable<readonly [string, unknown]>,
  schema: v.GenericSchema<unknown, T>,
  lost: Lost,
): [string, T][] {
  const found: [string, T][] = [];
  for (const [name, raw] of entries) {
    const parsed = parseEntry(schema, raw);
    if (parsed) found.push([name, parsed.entry]);
    else lost.entries.push(name);
    for (const field of parsed?.badFields ?? []) lost.fields.push(`${name}.${field}`);
  }
  return found;
}

/** Parses a list; its entries are named by their position, from 1. */
function parseList<T>(field: string, list: unknown, schema: v.GenericSchema<unknown, T>, lost: Lost): T[] {
  if (!Array.isArray(list)) throw new UnreadableError(`"${field}" is missing or not a list`);
  const entries = list.map((raw, index) => [`entry ${index + 1}`, raw] as const);
  return parseEntries(entries, schema, lost).map(([, entry]) => entry);
}

/** The text of a file that carries a version. */
function formatFile(content: Readonly<Record<string, unknown>>): string[] {
  return [`${JSON.stringify({ version: 1, ...content }, null, 2)}\n`];
}

/**
 * `retry_counts.json`: a flat map from magnet id to counter, which the original program wrote with two fields
 * an entry and can still read. One entry a line, by id.
 */
export const countersFormat: StateFormat<Counters> = {
  file: "retry_counts.json",
  entry: "counter",
  isOriginals: true,
  empty: () => new Map(),
  parse(content, lost) {
    const entries = Object.entries(content);
    lost.entries.push(...Object.keys(content).filter((name) => !v.is(MagnetId, name)));
    const counters = entries.filter(([name]) => v.is(MagnetId, name));
    return new Map(parseEntries(counters, CounterSchema, lost));
  },
  *format(counters) {
    const ids = [...counters.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    for (const [i, id] of ids.entries()) {
      yield `${i === 0 ? "{" : ","}\n  "${id}": ${JSON.stringify(counters.get(id))}`;
    }
    yield ids.length === 0 ? "{}\n" : "\n}\n";
  },
};

/** A line of `deletions.jsonl`, an intent, or what an intent becomes. */
export const DeletionSchema = v.looseObject(deletionFields);

/**
 * `intents.json`: the deletions under way, by magnet id. There `deleted_at` is when the request was made, since
 * version 1.0.0 wrote and requires it.
 */
export const intentsFormat: StateFormat<Map<string, Intent>> = {
  file: "intents.json",
  entry: "intent to delete",
  entries: "intents to delete",
  empty: () => new Map(),
  parse({ intents }, lost) {
    const found = parseList("intents", intents, DeletionSchema, lost);
    return new Map(
      found.map(({ deleted_at, ...intent }) => [intent.id, { ...intent, requested_at: deleted_at }]),
    );
  },
  format(intents) {
    const written = [...intents.values()].map(({ requested_at, ...intent }) => {
      return { ...intent, deleted_at: requested_at };
    });
    return formatFile({ intents: written });
  },
};

/** `confirmed.json`: deletions that AllDebrid confirmed and whose magnets may still be listed, by magnet id. */
export const confirmedFormat: StateFormat<Map<string, ConfirmedDeletion>> = {
  file: "confirmed.json",
  entry: "confirmed deletion",
  empty: () => new Map(),
  parse({ confirmed }, lost) {
    const found = parseList("confirmed", confirmed, v.looseObject(confirmedFields), lost);
    return new Map(found.map((entry) => [entry.id, entry]));
  },
  format: (confirmed) => formatFile({ confirmed: [...confirmed.values()] }),
};

const NoticeSchema = v.variant("kind", [
  v.looseObject(deletionNoticeFields),
  v.looseObject(capNoticeFields),
  v.looseObject(alertNoticeFields),
]);

/** `outbox.json`: the notices that wait for Discord, oldest first, and why it refuses them. */
export const outboxFormat: StateFormat<Outbox> = {
  file: "outbox.json",
  entry: "notice",
  empty: () => ({ pending: [] }),
  parse({ version: _, pending, ...rest }, lost) {
    const notices = parseList("pending", pending, NoticeSchema, lost);
    const refusals = parseEntry(v.object(refusalFields), rest);
    lost.fields.push(...(refusals?.badFields ?? []));
    return { pending: notices, ...refusals?.entry };
  },
  format: ({ pending, dead_webhook, blocked_webhook }) =>
    formatFile({ pending, dead_webhook, blocked_webhook }),
};

/** `arrs.json`: what Sonarr and Radarr are still to be told, oldest first, and what is known of them, by name. */
export const arrsFormat: StateFormat<Arrs> = {
  file: "arrs.json",
  entry: "deletion to tell",
  entries: "deletions to tell",
  empty: () => ({ pending: [], servers: new Map() }),
  parse({ pending, servers }, lost) {
    const tasks = parseList("pending", pending, v.looseObject(arrTaskFields), lost);
    const known = Object.entries(isObject(servers) ? servers : {});
    const healths = parseEntries(known, v.looseObject(arrHealthFields), lost);
    return { pending: tasks, servers: new Map(healths) };
  },
  format: ({ pending, servers }) => formatFile({ pending, servers: Object.fromEntries(servers) }),
};

/**
 * `accounts.json`: what is remembered of each account, by the fingerprint of its user's name; of its key until that is
 * known, as 1.0.0 wrote it.
 */
export const accountsFormat: StateFormat<Map<string, AccountHealth>> = {
  file: "accounts.json",
  entry: "account",
  empty: () => new Map(),
  parse({ accounts }, lost) {
    if (!isObject(accounts)) throw new UnreadableError(`"accounts" is missing or not an object`);
    return new Map(parseEntries(Object.entries(accounts), v.looseObject(accountFields), lost));
  },
  format: (accounts) => formatFile({ accounts: Object.fromEntries(accounts) }),
};

/** A day at the default of one sweep every half hour, so that a bad night can still be seen. */
const KEPT = 50;

/** `sweeps.json`: the last sweeps, oldest first; no more than 50 are written. */
export const sweepsFormat: StateFormat<SweepSummary[]> = {
  file: "sweeps.json",
  entry: "sweep",
  empty: () => [],
  parse: ({ sweeps }, lost) => parseList("sweeps", sweeps, v.looseObject(sweepFields), lost),
  format(sweeps) {
    const lines = sweeps.slice(-KEPT).map((sweep) => `  ${JSON.stringify(sweep)}`);
    return [`{"version":1,"sweeps":[\n${lines.join(",\n")}\n]}\n`];
  },
};

/** The mark of a sweep that has not ended; `alive_at`: its last sign of life, absent once it has ended. */
export interface RunningMark {
  alive_at?: string;
}

/** `running.json`: whether the last sweep ended well, for the rate limit of the next. */
export const runningFormat: StateFormat<RunningMark> = {
  file: "running.json",
  entry: "mark",
  empty: () => ({}),
  parse({ alive_at }, lost) {
    if (v.is(Moment, alive_at)) return { alive_at };
    if (alive_at !== undefined) lost.fields.push("alive_at");
    return {};
  },
  format: ({ alive_at }) => formatFile({ alive_at }),
};
