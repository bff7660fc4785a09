import { describe, expect, it } from "vitest";
import { planAccount } from "../../src/core/decide.ts";
import type { CounterRecord } from "../../src/core/records.ts";
import type { Policy } from "../../src/core/settings.ts";
import { DEFAULT_POLICY, recordOf, sightingOf } from "./records.ts";

function plan(records: Record<string, CounterRecord>, policy: Partial<Policy> = {}, dueElsewhere = 0) {
  const sightings = new Map(Object.keys(records).map((id) => [id, sightingOf(id)]));
  const counters = new Map(Object.entries(records));
  return planAccount(sightings, counters, { ...DEFAULT_POLICY, ...policy }, dueElsewhere);
}

const due = (count: number, first = 1) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [String(first + i), recordOf(5)]));

describe("planAccount", () => {
  it("restarts what is not due, deletes what is, restarts what is held", () => {
    const records = { "1": recordOf(1), "2": recordOf(5), "3": recordOf(5, { had_chance: false }) };
    const { restarts, deletions, cap } = plan(records);
    expect([...restarts].sort()).toEqual(["1", "3"]);
    expect(deletions).toEqual(["2"]);
    expect(cap).toBeUndefined();
  });

  it("restarts first what had the fewest restarts, then what has failed for longest", () => {
    const since = (day: number) => `2026-03-0${day}T00:00:00.000Z`;
    const { restarts } = plan({
      "1": recordOf(4, { restarts: 3, failing_since: since(1) }),
      "2": recordOf(2, { restarts: 0, failing_since: since(3) }),
      "3": recordOf(2, { restarts: 0, failing_since: since(2) }),
      "4": recordOf(5, { restarts: 1, failing_since: since(4), had_chance: false }),
      "5": recordOf(1, { restarts: 0, failing_since: since(4) }),
    });
    expect(restarts).toEqual(["3", "2", "5", "4", "1"]);
  });

  it.each<[string, number, number, boolean]>([
    ["one below the cap", 2, 3, false],
    ["at the cap", 3, 3, false],
    ["one over the cap", 4, 3, true],
    ["0 is no limit", 200, 0, false],
    ["1 allows one", 1, 1, false],
    ["1 and two due", 2, 1, true],
  ])("all or none: %s", (_, count, maxDeletes, capped) => {
    const result = plan(due(count), { maxDeletes });
    expect(result.deletions).toHaveLength(capped ? 0 : count);
    expect(result.restarts).toHaveLength(capped ? count : 0);
    expect(result.cap).toEqual(capped ? { due: count, maxDeletes } : undefined);
    const rules = [...result.decisions.values()].map(
      (decision) => decision.action === "hold" && decision.rule,
    );
    expect(new Set(rules)).toEqual(new Set([capped && "max_deletes_per_run"]));
  });

  it("counts against the cap only what nothing else holds", () => {
    const records = {
      ...due(3),
      "8": recordOf(5, { had_chance: false }),
      "9": recordOf(5),
      "10": recordOf(4),
    };
    const result = plan(records, { maxDeletes: 3, protect: ["9"] });
    expect(result.deletions).toEqual(["1", "2", "3"]);
    expect(result.decisions.get("8")).toMatchObject({ rule: "second_chance" });
    expect(result.decisions.get("9")).toMatchObject({ rule: "protect" });
  });

  it("counts what is due to another key of the account", () => {
    expect(plan(due(2), { maxDeletes: 3 }, 1).deletions).toEqual(["1", "2"]);
    const capped = plan(due(2), { maxDeletes: 3 }, 2);
    expect(capped).toMatchObject({ deletions: [], restarts: ["1", "2"], due: ["1", "2"] });
    expect(capped.cap).toEqual({ due: 4, maxDeletes: 3 });
    expect(plan({}, { maxDeletes: 3 }, 4)).toMatchObject({ due: [], cap: { due: 4 } });
  });

  it("of nothing makes nothing", () => {
    expect(plan({})).toMatchObject({ restarts: [], deletions: [], cap: undefined });
  });
});
