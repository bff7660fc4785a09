import * as v from "valibot";
import * as records from "../core/records.ts";

/** How one JSON file of state is read and written. */
export interface StateFormat<T> {
  /** The file's name in the state folder. */
  readonly file: string;
  /** What one of its entries is called; several have an s. */
  readonly entry: string;
  /** The original program's: it has no version, and is there even where it holds nothing. */
  readonly isOriginals?: boolean;
  parse(reader: StateReader): T;
  /** The text of the whole file, a long one in many pieces. */
  format(value: T): Iterable<string>;
}

/** A file is of no use as a whole; the message says why. */
export class UnreadableError extends Error {
  override name = "UnreadableError";
}

/** Whether it is a JSON object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether it is nested so deeply that writing it could overflow the stack. */
function isDeep(value: unknown, levels = 32): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeep(inner, levels - 1));
}

/** Parses one entry by its schema; one that is fine but for optional fields loses only these, `badFields`. */
export function parseEntry<T>(schema: v.GenericSchema<unknown, T>, raw: unknown) {
  if (!isObject(raw) || isDeep(raw)) return undefined;
  const result = v.safeParse(schema, raw);
  if (result.success) return { entry: result.output, badFields: [] };
  const badFields = [...new Set(result.issues.map((issue) => String(issue.path?.[0]?.key)))];
  const rest = Object.entries(raw).filter(([field]) => !badFields.includes(field));
  const retried = v.safeParse(schema, Object.fromEntries(rest));
  if (!retried.success) return undefined;
  // A null says "unknown" as well as a missing field does.
  return { entry: retried.output, badFields: badFields.filter((field) => raw[field] !== null) };
}

/** Reads the JSON of one file, and notes what can't be read; a missing file has no content and holds nothing. */
export class StateReader {
  readonly content: Readonly<Record<string, unknown>> | undefined;
  /** Whole entries, by name or position. */
  readonly lostEntries: string[] = [];
  /** Fields of entries that are fine without them, as `entry.field`. */
  readonly lostFields: string[] = [];

  constructor(content?: Readonly<Record<string, unknown>>) {
    this.content = content;
  }

  /** Entries, each with its name. */
  entries<T>(
    entries: Iterable<readonly [string, unknown]>,
    schema: v.GenericSchema<unknown, T>,
  ): Map<string, T> {
    const found = new Map<string, T>();
    for (const [name, raw] of entries) {
      const parsed = parseEntry(schema, raw);
      if (parsed) found.set(name, parsed.entry);
      else this.lostEntries.push(name);
      for (const field of parsed?.badFields ?? []) this.lostFields.push(`${name}.${field}`);
    }
    return found;
  }

  /** A field that is a list; its entries are named by their position, from 1. */
  list<T>(field: string, schema: v.GenericSchema<unknown, T>): T[] {
    const list = this.content ? this.content[field] : [];
    if (!Array.isArray(list)) throw new UnreadableError(`"${field}" is missing or not a list`);
    const entries = list.map((raw, index) => [`entry ${index + 1}`, raw] as const);
    return [...this.entries(entries, schema).values()];
  }

  /** A field that is an object of entries. */
  record<T>(field: string, schema: v.GenericSchema<unknown, T>): Map<string, T> {
    const record = this.content ? this.content[field] : {};
    if (!isObject(record)) throw new UnreadableError(`"${field}" is missing or not an object`);
    return this.entries(Object.entries(record), schema);
  }

  /** The optional fields of the file itself that the schema names. */
  fields<T extends object>(schema: v.GenericSchema<unknown, T>): Partial<T> {
    const parsed = parseEntry(schema, this.content);
    this.lostFields.push(...(parsed?.badFields ?? []));
    return parsed?.entry ?? {};
  }
}

/** The text of a file that carries a version. */
function formatFile(content: Readonly<Record<string, unknown>>): string[] {
  return [`${JSON.stringify({ version: 1, ...content }, null, 2)}\n`];
}

/** By their ids. */
function byId<T extends { readonly id: string }>(entries: readonly T[]): Map<string, T> {
  return new Map(entries.map((entry) => [entry.id, entry]));
}

/**
 * `retry_counts.json`: a flat map from magnet id to counter, which the original program wrote with two fields
 * an entry and can still read. One entry a line.
 */
export const counters: StateFormat<records.Counters> = {
  file: "retry_counts.json",
  entry: "counter",
  isOriginals: true,
  parse(reader) {
    const entries = Object.entries(reader.content ?? {});
    const isId = ([name]: [string, unknown]) => v.is(records.MagnetId, name);
    reader.lostEntries.push(...entries.filter((entry) => !isId(entry)).map(([name]) => name));
    return reader.entries(entries.filter(isId), records.CounterSchema);
  },
  *format(counters) {
    let separator = "{";
    for (const [id, counter] of counters) {
      yield `${separator}\n  "${id}": ${JSON.stringify(counter)}`;
      separator = ",";
    }
    yield counters.size === 0 ? "{}\n" : "\n}\n";
  },
};

/** A line of `deletions.jsonl`, an intent, or what an intent becomes. */
export const DeletionSchema = v.looseObject(records.deletionFields);

/**
 * `intents.json`: the deletions under way, by magnet id. There `deleted_at` is when the request was made, since
 * version 1.0.0 wrote and requires it.
 */
export const intents: StateFormat<Map<string, records.Intent>> = {
  file: "intents.json",
  entry: "open intent",
  parse(reader) {
    const found = reader.list("intents", DeletionSchema);
    return byId(found.map(({ deleted_at: requested_at, ...rest }) => ({ ...rest, requested_at })));
  },
  format(intents) {
    const written = [...intents.values()];
    return formatFile({
      intents: written.map(({ requested_at: deleted_at, ...rest }) => ({ ...rest, deleted_at })),
    });
  },
};

/** `confirmed.json`: deletions that AllDebrid confirmed and whose magnets may still be listed, by magnet id. */
export const confirmed: StateFormat<Map<string, records.ConfirmedDeletion>> = {
  file: "confirmed.json",
  entry: "confirmed deletion",
  parse: (reader) => byId(reader.list("confirmed", v.looseObject(records.confirmedFields))),
  format: (confirmed) => formatFile({ confirmed: [...confirmed.values()] }),
};

const NoticeSchema = v.variant("kind", [
  v.looseObject(records.deletionNoticeFields),
  v.looseObject(records.capNoticeFields),
  v.looseObject(records.alertNoticeFields),
]);

/** `outbox.json`: the notices that wait for Discord, oldest first, and why it refuses them. */
export const outbox: StateFormat<records.Outbox> = {
  file: "outbox.json",
  entry: "notice",
  parse: (reader) => ({
    pending: reader.list("pending", NoticeSchema),
    ...reader.fields(v.object(records.refusalFields)),
  }),
  format: (outbox) => formatFile({ ...outbox }),
};

/** `arrs.json`: what Sonarr and Radarr are still to be told, oldest first, and what is known of them, by name. */
export const arrs: StateFormat<records.Arrs> = {
  file: "arrs.json",
  entry: "untold deletion",
  parse(reader) {
    const pending = reader.list("pending", v.looseObject(records.arrTaskFields));
    // What is known of servers comes again; what they are to be told does not.
    const isKnown = isObject(reader.content?.servers);
    return {
      pending,
      servers: isKnown ? reader.record("servers", v.looseObject(records.arrHealthFields)) : new Map(),
    };
  },
  format: ({ pending, servers }) => formatFile({ pending, servers: Object.fromEntries(servers) }),
};

/**
 * `accounts.json`: what is remembered of each account, by the fingerprint of its user's name; of its key until that is
 * known, as 1.0.0 wrote it.
 */
export const accounts: StateFormat<Map<string, records.AccountHealth>> = {
  file: "accounts.json",
  entry: "account",
  parse: (reader) => reader.record("accounts", v.looseObject(records.accountFields)),
  format: (accounts) => formatFile({ accounts: Object.fromEntries(accounts) }),
};

/** A day at the default of one sweep every half hour, so that a bad night can still be seen. */
const KEPT = 50;

/** `sweeps.json`: the last sweeps, oldest first; no more than 50 are written. */
export const sweeps: StateFormat<records.SweepSummary[]> = {
  file: "sweeps.json",
  entry: "sweep",
  parse: (reader) => reader.list("sweeps", v.looseObject(records.sweepFields)),
  format: (sweeps) => formatFile({ sweeps: sweeps.slice(-KEPT) }),
};

const runningSchema = v.object({
  /** The last sign of life of a sweep that has not ended. */
  alive_at: v.exactOptional(records.Moment),
});

/** `running.json`: whether the last sweep ended well, for the rate limit of the next. */
export const running: StateFormat<v.InferOutput<typeof runningSchema>> = {
  file: "running.json",
  entry: "mark",
  parse: (reader) => reader.fields(runningSchema),
  format: (running) => formatFile(running),
};
