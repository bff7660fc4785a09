import { describe, expect, it } from "vitest";
import { decide } from "../../src/core/decide.ts";
import type { FailingStatus } from "../../src/core/magnet.ts";
import type { CounterRecord } from "../../src/core/records.ts";
import type { Policy } from "../../src/core/settings.ts";
import { DEFAULT_POLICY, recordOf, sightingOf } from "./records.ts";

const BOTH: FailingStatus[] = ["expired", "error"];
const split = { maxRetries: { expired: 3, error: 5 } };
const HOUR = 3600;

describe("decide", () => {
  it.each<[string, FailingStatus[], Partial<Policy>, CounterRecord, string]>([
    ["the first sighting of five", ["error"], {}, recordOf(1), "restart"],
    ["the fourth of five", ["error"], {}, recordOf(4), "restart"],
    ["the fifth of five", ["error"], {}, recordOf(5), "delete"],
    ["the sixth of five, after a failed deletion", ["error"], {}, recordOf(6), "delete"],
    [
      "a limit that was raised since",
      ["error"],
      { maxRetries: { expired: 9, error: 9 } },
      recordOf(8),
      "restart",
    ],
    [
      "a limit that was lowered since",
      ["error"],
      { maxRetries: { expired: 2, error: 2 } },
      recordOf(4),
      "delete",
    ],
    ["expired: its own limit", ["expired"], split, recordOf(3), "delete"],
    ["error: its own limit", ["error"], split, recordOf(3), "restart"],
    ["expired below its limit", ["expired"], split, recordOf(2), "restart"],
    ["both lists: the higher", BOTH, split, recordOf(4), "restart"],
    ["both lists, the other way round", [...BOTH].reverse(), split, recordOf(4), "restart"],
    ["both lists at the higher", BOTH, split, recordOf(5), "delete"],
    [
      "the status of now, not the last one",
      ["expired"],
      split,
      recordOf(3, { last_status: "error" }),
      "delete",
    ],
    [
      "1 deletes at the first",
      ["error"],
      { maxRetries: { expired: 1, error: 1 } },
      recordOf(1, { had_chance: false }),
      "delete",
    ],
    [
      "1 for this status only",
      ["expired"],
      { maxRetries: { expired: 1, error: 5 } },
      recordOf(1, { had_chance: false }),
      "delete",
    ],
    ["never restarted yet", ["error"], {}, recordOf(5, { had_chance: false }), "second_chance"],
    ["whether restarted got lost", ["error"], {}, { fails: 5, last_status: "error" }, "second_chance"],
    ["never restarted, below the limit", ["error"], {}, recordOf(4, { had_chance: false }), "restart"],
    [
      "2 needs a chance as well",
      ["error"],
      { maxRetries: { expired: 2, error: 2 } },
      recordOf(2, { had_chance: false }),
      "second_chance",
    ],
    [
      "failing for too short a time",
      ["error"],
      { minFailingHours: 24 },
      recordOf(5, { failing_seconds: 24 * HOUR - 1 }),
      "min_failing_hours",
    ],
    [
      "failing for just long enough",
      ["error"],
      { minFailingHours: 24 },
      recordOf(5, { failing_seconds: 24 * HOUR }),
      "delete",
    ],
    [
      "failing for a time nobody observed",
      ["error"],
      { minFailingHours: 0.001 },
      recordOf(9),
      "min_failing_hours",
    ],
    ["half an hour", ["error"], { minFailingHours: 0.5 }, recordOf(5, { failing_seconds: 1800 }), "delete"],
    [
      "1 waits for its hours, too",
      ["error"],
      { maxRetries: { expired: 1, error: 1 }, minFailingHours: 1 },
      recordOf(1),
      "min_failing_hours",
    ],
    ["protected by id", ["error"], { protect: ["7"] }, recordOf(5), "protect"],
    ["protected, below the limit", ["error"], { protect: ["7"] }, recordOf(4), "restart"],
    [
      "1 and protected",
      ["error"],
      { maxRetries: { expired: 1, error: 1 }, protect: ["film*"] },
      recordOf(1),
      "protect",
    ],
    ["another id is protected", ["error"], { protect: ["77"] }, recordOf(5), "delete"],
  ])("%s", (_, statuses, policy, record, expected) => {
    const decision = decide(
      { sighting: sightingOf("7", statuses), record },
      { ...DEFAULT_POLICY, ...policy },
    );
    expect(decision.action === "hold" ? decision.rule : decision.action).toBe(expected);
    expect(decision.reason).not.toBe("");
  });

  it("says why", () => {
    const reason = (record: CounterRecord, policy: Partial<Policy>) =>
      decide({ sighting: sightingOf("7", BOTH), record }, { ...DEFAULT_POLICY, ...policy }).reason;
    expect(reason(recordOf(4), split)).toBe("sighting 4 of 5 in error");
    expect(reason(recordOf(9, { failing_seconds: 5500 }), { minFailingHours: 24 })).toBe(
      "failing for 1.5 h of min_failing_hours 24",
    );
    expect(reason(recordOf(5), { protect: ["FILM ?"] })).toBe('protected by "FILM ?"');
    expect(reason(recordOf(5, { had_chance: false }), {})).toContain("second chance");
  });

  it("names what only the owner can lift before what passes by itself", () => {
    const policy = { ...DEFAULT_POLICY, protect: ["*"], minFailingHours: 5 };
    const record = recordOf(5, { had_chance: false });
    expect(decide({ sighting: sightingOf("7"), record }, policy)).toMatchObject({ rule: "protect" });
    expect(decide({ sighting: sightingOf("7"), record }, { ...policy, protect: [] })).toMatchObject({
      rule: "min_failing_hours",
    });
  });
});
