import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CounterRecord } from "../../src/core/records.ts";
import { countSighting } from "../../src/core/sighting.ts";
import { recordOf, sightingOf } from "./records.ts";

const START = Date.parse("2026-03-01T12:00:00.000Z");
const at = (seconds: number) => new Date(START + seconds * 1000);

function count(record: CounterRecord | undefined, seconds = 0, sighting = sightingOf("7")): CounterRecord {
  return countSighting(record, sighting, {
    account: "fp-a",
    status: "error",
    now: at(seconds),
    longestGapSeconds: 3600,
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

  it("takes an entry of the original as restarted at each sighting", () => {
    const first = count({ fails: 3, last_status: "expired" });
    expect(first).toMatchObject({ fails: 4, last_status: "error", restarts: 3, had_chance: true });
    expect(count(first)).toMatchObject({ fails: 5, restarts: 3, had_chance: true });
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
    expect(count(record, 0, bare)).toMatchObject({
      filename: "Known",
      size: 5,
      hash: "h",
      status_text: "old",
    });
    const told = sightingOf("7", ["error"], { filename: "New", size: 0, hash: "g", statusText: "" });
    expect(count(record, 0, told)).toMatchObject({ filename: "New", size: 0, hash: "g", status_text: "" });
  });

  it.each<[string, number[], number]>([
    ["half an hour apart", [0, 1800, 3600], 3600],
    ["at once", [0, 0, 0], 0],
    ["a machine that slept for a week", [0, 7 * 86_400], 3600],
    ["a clock that jumps ahead by years", [0, 1800, 10 * 31_536_000], 1800 + 3600],
    ["and back again", [0, 10 * 31_536_000, 1800], 3600],
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
        expect(record?.failing_seconds).toBeLessThanOrEqual((moments.length - 1) * 3600);
        expect(record?.failing_seconds).toBeGreaterThanOrEqual(0);
        expect(record?.fails).toBe(moments.length);
      }),
    );
  });
});
