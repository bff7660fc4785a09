import * as v from "valibot";
import type { CounterRecord, Counters } from "../core/records.ts";
import {
  Count,
  isCount,
  isFlag,
  isMoment,
  isObject,
  isQuantity,
  isText,
  MAGNET_ID,
  type Parsed,
  parseEntries,
  type StateFormat,
  type Unreadable,
  versionProblem,
} from "./formats.ts";

/** The fields by name; their type's index signature, for those of other versions, left out. */
type Field = keyof {
  [K in keyof CounterRecord as string extends K ? never : number extends K ? never : K]: K;
};

const OPTIONAL = {
  account: isText,
  filename: isText,
  size: isQuantity,
  hash: isText,
  status_text: isText,
  failing_since: isMoment,
  last_seen: isMoment,
  failing_seconds: isQuantity,
  restarts: isCount,
  had_chance: isFlag,
  last_asked: isMoment,
  held: isText,
} satisfies Record<Exclude<Field, "fails" | "last_status">, (value: unknown) => boolean>;

/** Every field that is known, and what it has to be. */
const FIELDS = new Map(Object.entries({ fails: isCount, last_status: isText, ...OPTIONAL }));

/** The same, for entries in which something is wrong or left out. */
const CounterSchema = v.looseObject({
  fails: Count,
  last_status: v.optional(v.string(), "error"),
  ...Object.fromEntries(
    Object.entries(OPTIONAL).map(([field, is]) => [field, v.exactOptional(v.custom(is))]),
  ),
}) as unknown as v.GenericSchema<unknown, CounterRecord>;

/**
 * `retry_counts.json`: a flat map from magnet id to counter, which the original program wrote with two fields
 * an entry and can still read. One entry a line, by id.
 */
export const countersFormat: StateFormat<Counters> = {
  file: "retry_counts.json",
  entry: "counter",
  always: true,
  empty: () => new Map(),
  parse: parseCounters,
  format: formatCounters,
};

function parseCounters(content: Readonly<Record<string, unknown>>): Parsed<Counters> | Unreadable {
  // This version writes none here; a later one that can't keep the flat map would.
  if (typeof content.version === "number") {
    const problem = versionProblem(content.version);
    if (problem?.unreadable === "newer") return problem;
  }
  const value: Counters = new Map();
  const others: [string, unknown][] = [];
  const strangers: string[] = [];
  // What JSON.parse made inherits nothing.
  for (const id in content) {
    const raw = content[id];
    if (!MAGNET_ID.test(id)) strangers.push(id);
    else if (isObject(raw) && isWhole(raw)) value.set(id, raw);
    else others.push([id, raw]);
  }
  const parsed = parseEntries(CounterSchema, others);
  for (const [id, record] of parsed.value) value.set(id, record);
  return { value, badEntries: [...strangers, ...parsed.badEntries], badFields: parsed.badFields };
}

/** Whether an entry is a counter just as it stands, as nearly all are: told without making a copy of each. */
function isWhole(raw: Record<string, unknown>): raw is CounterRecord {
  if (!("fails" in raw && "last_status" in raw)) return false;
  for (const field in raw) {
    const is = FIELDS.get(field);
    // What a later version wrote takes a closer look.
    if (is === undefined || !is(raw[field])) return false;
  }
  return true;
}

/** Counters may change while it is taken up: each is as it was at the beginning or later. */
function* formatCounters(counters: Counters): Generator<string> {
  const ids = [...counters.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  let before = "{\n";
  for (const id of ids) {
    const record = counters.get(id);
    if (!record) continue;
    yield `${before}  "${id}": ${JSON.stringify(record)}`;
    before = ",\n";
  }
  yield before === "{\n" ? "{}\n" : "\n}\n";
}
