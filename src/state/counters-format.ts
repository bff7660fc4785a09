import * as v from "valibot";
import type { CounterRecord, Counters } from "../core/record.ts";
import { Count, MAGNET_ID, Moment, Quantity } from "./field-schemas.ts";
import {
  type Parsed,
  parseEntries,
  type StateFormat,
  type Unreadable,
  versionProblem,
} from "./state-format.ts";

const CounterSchema: v.GenericSchema<unknown, CounterRecord> = v.looseObject({
  fails: Count,
  last_status: v.optional(v.string(), "error"),
  account: v.exactOptional(v.string()),
  filename: v.exactOptional(v.string()),
  size: v.exactOptional(Quantity),
  hash: v.exactOptional(v.string()),
  status_text: v.exactOptional(v.string()),
  failing_since: v.exactOptional(Moment),
  last_seen: v.exactOptional(Moment),
  failing_seconds: v.exactOptional(Quantity),
  restarts: v.exactOptional(Count),
  had_chance: v.exactOptional(v.boolean()),
  last_asked: v.exactOptional(Moment),
  held: v.exactOptional(v.string()),
});

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
  const magnets: [string, unknown][] = [];
  const strangers: string[] = [];
  for (const [id, raw] of Object.entries(content)) {
    if (MAGNET_ID.test(id)) magnets.push([id, raw]);
    else strangers.push(id);
  }
  const parsed = parseEntries(CounterSchema, magnets);
  return {
    value: new Map(parsed.value),
    badEntries: [...strangers, ...parsed.badEntries],
    badFields: parsed.badFields,
  };
}

function formatCounters(counters: Counters): string {
  const ids = [...counters.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  const lines = ids.map((id) => `  ${JSON.stringify(id)}: ${JSON.stringify(counters.get(id))}`);
  return lines.length === 0 ? "{}\n" : `{\n${lines.join(",\n")}\n}\n`;
}
