import * as v from "valibot";
import type { SweepSummary } from "../core/sweep-summary.ts";
import { Count, Moment, Quantity } from "./field-schemas.ts";
import { numbered, parseEntries, type StateFormat, versionProblem } from "./state-format.ts";

/** A day at the default of one sweep every half hour, so that a bad night can still be seen. */
const KEPT = 50;

const FileSchema = v.object({ sweeps: v.array(v.unknown()) });

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
    if (!v.is(FileSchema, content)) return { unreadable: "corrupt", reason: "it holds no list of sweeps" };
    const parsed = parseEntries(SweepSchema, numbered(content.sweeps));
    return { ...parsed, value: parsed.value.map(([, sweep]) => sweep) };
  },
  format: (sweeps) => {
    const lines = sweeps.slice(-KEPT).map((sweep) => `  ${JSON.stringify(sweep)}`);
    return [`{"version":1,"sweeps":[\n${lines.join(",\n")}\n]}\n`];
  },
};
