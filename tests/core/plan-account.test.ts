import { describe, expect, it } from "vitest";
import { type Candidate, planAccount } from "../../src/core/decide.ts";
import type { CounterRecord } from "../../src/core/records.ts";
import type { Policy } from "../../src/core/settings.ts";
import { DEFAULT_POLICY, recordOf, sightingOf } from "./records.ts";

function plan(records: Record<string, CounterRecord>, policy: Partial<Policy> = {}) {
  const candidates = Object.entries(records).map(([id, record]): [string, Candidate] => [
    id,
    { sighting: sightingOf(id), record },
  ]);
  return planAccount(new Map(candidates), { ...DEFAULT_POLICY, ...policy });
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
    // What the cap holds waits for a person's word and is left as it is.
    expect(result.restarts).toEqual([]);
    expect(result.cap).toEqual(capped ? { due: count, maxDeletes } : undefined);
    const rules = [...result.magnets.values()].map(
      ({ decision }) => decision.action === "hold" && decision.rule,
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
    expect(result.magnets.get("8")?.decision).toMatchObject({ rule: "second_chance" });
    expect(result.magnets.get("9")?.decision).toMatchObject({ rule: "protect" });
  });

  it("restarts under the cap what is not due, and what another rule holds", () => {
    const records = { ...due(3), "8": recordOf(5, { had_chance: false }), "9": recordOf(4) };
    const { restarts, deletions, cap } = plan(records, { maxDeletes: 2 });
    expect([...restarts].sort()).toEqual(["8", "9"]);
    expect(deletions).toEqual([]);
    expect(cap).toEqual({ due: 3, maxDeletes: 2 });
  });

  it("never restarts what was confirmed as deleted, and deletes it where nothing holds it", () => {
    const confirmed = (record: CounterRecord, policy: Partial<Policy> = {}) =>
      planAccount(new Map([["1", { sighting: sightingOf("1"), record, stillThere: true }]]), {
        ...DEFAULT_POLICY,
        ...policy,
      });
    expect(confirmed(recordOf(5))).toMatchObject({ restarts: [], deletions: ["1"] });
    expect(confirmed(recordOf(5), { protect: ["1"] })).toMatchObject({ restarts: [], deletions: [] });
    expect(confirmed(recordOf(4))).toMatchObject({ restarts: [], deletions: [] });
    // The list that shows it now would let it have two more sightings, which nobody counts.
    const expired = recordOf(3, { last_status: "expired" });
    const policy = { maxRetries: { expired: 3, error: 5 } };
    expect(confirmed(expired, policy)).toMatchObject({ restarts: [], deletions: ["1"] });
  });

  it("of nothing makes nothing", () => {
    expect(plan({})).toMatchObject({ restarts: [], deletions: [], cap: undefined });
  });
});
