import { expect, test } from "vitest";
import { countSighting } from "../../src/core/sighting.ts";

const CONTEXT = {
  account: "a",
  policy: { maxRetries: { expired: 5, error: 5 } },
  now: new Date("2026-01-01T00:00:00Z"),
  cycleSeconds: 1800,
};

test.each([
  ["Film.mkv", "noname", "Film.mkv"],
  ["Film.mkv", " NoName ", "Film.mkv"],
  ["Film.mkv", "", "Film.mkv"],
  ["Film.mkv", undefined, "Film.mkv"],
  ["Film.mkv", "Film.2.mkv", "Film.2.mkv"],
  ["noname", "Film.mkv", "Film.mkv"],
  [undefined, "noname", "noname"],
  [undefined, undefined, undefined],
])("AllDebrid's placeholder never replaces a known name: %s, then %s", (known, shown, expected) => {
  const record = { fails: 1, last_status: "error", ...(known && { filename: known }) };
  const sighting = { magnet: { id: "1", filename: shown }, statuses: ["error"] as const };
  expect(countSighting(record, sighting, CONTEXT).filename).toBe(expected);
});
