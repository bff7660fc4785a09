import * as v from "valibot";
import type { ConfirmedDeletion, CounterRecord, Counters } from "../core/records.ts";
import {
  Count,
  formatFile,
  MagnetId,
  Moment,
  mapParsed,
  parseEntries,
  parseList,
  Quantity,
  type StateFormat,
  versionProblem,
} from "./formats.ts";

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
  seen_at: v.exactOptional(Moment),
  gap: v.exactOptional(v.picklist(["needed", "given"])),
  in_time: v.exactOptional(Count),
  refused: v.exactOptional(v.object({ code: v.string(), times: Count })),
  last_asked: v.exactOptional(Moment),
  held: v.exactOptional(v.string()),
  outcome: v.exactOptional(v.string()),
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
  parse: (content) => {
    // This version writes none here; a later one that can't keep the flat map would.
    const problem = typeof content.version === "number" ? versionProblem(content.version) : undefined;
    if (problem?.unreadable === "newer") return problem;
    const entries = Object.entries(content);
    const strangers = entries.flatMap(([name]) => (v.is(MagnetId, name) ? [] : name));
    const parsed = parseEntries(
      CounterSchema,
      entries.filter(([name]) => v.is(MagnetId, name)),
    );
    return { ...parsed, value: new Map(parsed.value), badEntries: [...strangers, ...parsed.badEntries] };
  },
  *format(counters) {
    const ids = [...counters.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
    for (const [i, id] of ids.entries()) {
      yield `${i === 0 ? "{" : ","}\n  "${id}": ${JSON.stringify(counters.get(id))}`;
    }
    yield ids.length === 0 ? "{}\n" : "\n}\n";
  },
};

const ConfirmedSchema: v.GenericSchema<unknown, ConfirmedDeletion> = v.looseObject({
  id: MagnetId,
  hash: v.exactOptional(v.string()),
  fingerprint: v.string(),
  deleted_at: Moment,
  uploaded_at: v.exactOptional(Moment),
  still_there: v.exactOptional(Moment),
  record: CounterSchema,
});

/** `confirmed.json`: deletions that AllDebrid confirmed and whose magnets may still be listed, by magnet id. */
export const confirmedFormat: StateFormat<Map<string, ConfirmedDeletion>> = {
  file: "confirmed.json",
  entry: "confirmed deletion",
  always: false,
  empty: () => new Map(),
  parse: (content) =>
    mapParsed(
      parseList(content, "confirmed", ConfirmedSchema),
      (confirmed) => new Map(confirmed.map((entry) => [entry.id, entry])),
    ),
  format: (confirmed) => formatFile({ confirmed: [...confirmed.values()] }),
};
