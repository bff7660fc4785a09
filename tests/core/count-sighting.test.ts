import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CounterRecord } from "../../src/core/records.ts";
import { countSighting, noteChance, noteSeen } from "../../src/core/sighting.ts";
import { DEFAULT_POLICY, recordOf, sightingOf } from "./records.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const DAY = 86_400;
const at = (seconds: number) => new Date(START + seconds * 1000);

function count(
  record: CounterRecord | undefined,
  seconds = 0,
  cycleSeconds = 1800,
  sighting = sightingOf("7"),
) {
  return countSighting(record, sighting, {
    account: "fp-a",
    policy: DEFAULT_POLICY,
    now: at(seconds),
    cycleSeconds,
  });
}

describe("countSighting", () => {
  it("begins a counter", () => {
    expect(count(undefined)).toEqual({
      fails: 1,
      last_status: "error",
      account: "fp-a",
      filename: "Film 7",
      status_text: "No peer after 30 minutes",
      failing_since: "2026-03-01T12:00:00.000Z",
      last_seen: "2026-03-01T12:00:00.000Z",
      failing_seconds: 0,
      restarts: 0,
      had_chance: false,
    });
  });

  it("takes an entry of the original as restarted at each sighting, and never as a chance", () => {
    const first = count({ fails: 3, last_status: "expired" });
    expect(first).toMatchObject({ fails: 4, last_status: "error", restarts: 3, had_chance: false });
    expect(count(first)).toMatchObject({ fails: 5, restarts: 3, had_chance: false });
  });

  it("takes no entry of its own for the original's", () => {
    const { had_chance: _, ...damaged } = count(undefined);
    expect(count(damaged).had_chance).toBe(false);
  });

  it("leaves the given record alone, and keeps fields it does not know", () => {
    const record = Object.freeze(recordOf(2, { later: { version: 9 }, last_asked: "2026-02-01T00:00:00Z" }));
    expect(count(record)).toMatchObject({
      fails: 3,
      later: { version: 9 },
      last_asked: "2026-02-01T00:00:00Z",
    });
  });

  it("forgets why the last sweep held it, and keeps since when it fails", () => {
    const record = recordOf(5, { held: "protected", failing_since: "2026-02-01T00:00:00.000Z" });
    expect(count(record)).toMatchObject({ failing_since: "2026-02-01T00:00:00.000Z" });
    expect(count(record)).not.toHaveProperty("held");
  });

  it("keeps what the lists leave out", () => {
    const record = recordOf(1, { filename: "Known", size: 5, hash: "h", status_text: "old" });
    const bare = { magnet: { id: "7", filename: " " }, statuses: ["error" as const] };
    expect(count(record, 0, 1800, bare)).toMatchObject({
      filename: "Known",
      size: 5,
      hash: "h",
      status_text: "old",
    });
    const told = sightingOf("7", ["error"], { filename: "New", size: 0, hash: "g", statusText: "" });
    expect(count(record, 0, 1800, told)).toMatchObject({
      filename: "New",
      size: 0,
      hash: "g",
      status_text: "",
    });
  });

  it.each<[string, number[], number]>([
    ["half an hour apart", [0, 1800, 3600], 3600],
    ["at once", [0, 0, 0], 0],
    ["a machine that slept for a week", [0, 7 * 86_400], DAY],
    ["a clock that jumps ahead by years", [0, 1800, 10 * 31_536_000], 1800 + DAY],
    ["and back again", [0, 10 * 31_536_000, 1800], DAY],
    ["a clock that is set back", [0, -86_400, -84_600], 1800],
  ])("measures how long it was seen failing: %s", (_, moments, expected) => {
    let record: CounterRecord | undefined;
    for (const seconds of moments) record = count(record, seconds);
    expect(record?.failing_seconds).toBe(expected);
  });

  it("counts no time since a moment that can't be read", () => {
    expect(count(recordOf(2, { last_seen: "yesterday", failing_seconds: 9 })).failing_seconds).toBe(9);
  });

  it("never says that a magnet failed for longer than the sightings allow, whatever the clock does", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 1 }), (moments) => {
        let record: CounterRecord | undefined;
        for (const seconds of moments) record = count(record, seconds);
        expect(record?.failing_seconds).toBeLessThanOrEqual((moments.length - 1) * DAY);
        expect(record?.failing_seconds).toBeGreaterThanOrEqual(0);
        expect(record?.fails).toBe(moments.length);
      }),
    );
  });
});

describe("a gap", () => {
  const sighted = (more: Partial<CounterRecord> = {}) =>
    recordOf(2, { last_seen: at(0).toISOString(), failing_since: at(-DAY).toISOString(), ...more });

  it.each<[string, number, number, Partial<CounterRecord>, boolean]>([
    ["a day", DAY, 1800, {}, false],
    ["more than a day", DAY + 1, 1800, {}, true],
    ["four cycles of twelve hours", 2 * DAY, DAY / 2, {}, false],
    ["more than four cycles", 2 * DAY + 1, DAY / 2, {}, true],
    ["a week with cycles of a week", 7 * DAY, 7 * DAY, {}, false],
    [
      "a week, seen processing on the sixth day",
      7 * DAY,
      1800,
      { seen_at: at(6 * DAY).toISOString() },
      false,
    ],
    ["a week, seen processing on the second day", 7 * DAY, 1800, { seen_at: at(DAY).toISOString() }, true],
    ["an unknown time", 7 * DAY, 1800, { last_seen: "yesterday" }, false],
    ["a time in the future", 7 * DAY, 1800, { last_seen: at(9 * DAY).toISOString() }, false],
  ])("%s", (_, seconds, cycleSeconds, more, isGap) => {
    const counted = count(sighted(more), seconds, cycleSeconds);
    expect(counted).toMatchObject({ fails: 3, had_chance: !isGap });
    expect(counted.gap).toBe(isGap ? "needed" : undefined);
  });

  it("begins nothing for a counter without a time, such as the original's", () => {
    expect(count({ fails: 3, last_status: "error" }, 365 * DAY)).not.toHaveProperty("gap");
  });

  it("is not hidden by a time that a clock noted which was ahead", () => {
    const record = count(sighted({ seen_at: at(4 * DAY).toISOString() }), 1800);
    expect(count(record, 5 * DAY)).toMatchObject({ gap: "needed", had_chance: false });
    const seen = sighted({ last_seen: at(4 * DAY).toISOString() });
    noteSeen(seen, "processing", { now: at(1800), cycleSeconds: 1800 });
    expect(count(seen, 5 * DAY)).toMatchObject({ gap: "needed", had_chance: false });
  });

  it("needs one real chance, not one a week, and is over after two sightings in time", () => {
    let record = count(sighted(), 7 * DAY);
    expect(record.gap).toBe("needed");
    // No chance was given: it stays needed.
    record = count(record, 7 * DAY + 1800);
    expect(record.gap).toBe("needed");
    noteChance(record);
    expect(record).toMatchObject({ gap: "given", had_chance: true });
    // The sighting after that may delete, whenever it comes.
    record = count(record, 14 * DAY);
    expect(record).toMatchObject({ gap: "given", had_chance: true });
    record = count(record, 14 * DAY + 1800);
    expect(record).toMatchObject({ gap: "given", in_time: 1 });
    record = count(record, 14 * DAY + 3600);
    expect(record).not.toHaveProperty("gap");
    expect(record).not.toHaveProperty("in_time");
    expect(count(record, 30 * DAY)).toMatchObject({ gap: "needed", had_chance: false });
  });
});
