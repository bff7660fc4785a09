import { describe, expect, it } from "vitest";
import { conditionOf, type FailingStatus, type Magnet } from "../../src/core/magnet.ts";
import { limitFor, mergeLists, showsFailing } from "../../src/core/sighting.ts";
import { magnetOf } from "./records.ts";

const merge = (lists: Partial<Record<FailingStatus, Magnet[]>>) =>
  mergeLists(new Map(Object.entries(lists) as [FailingStatus, Magnet[]][]));

describe("mergeLists", () => {
  it("makes one sighting of a magnet in both lists, and of duplicates", () => {
    const { failing, contradictory } = merge({
      expired: [magnetOf("1"), magnetOf("1"), magnetOf("2")],
      error: [magnetOf("1"), magnetOf("3"), magnetOf("3")],
    });
    expect([...failing].map(([id, { statuses }]) => [id, statuses])).toEqual([
      ["1", ["expired", "error"]],
      ["2", ["expired"]],
      ["3", ["error"]],
    ]);
    expect(contradictory.size).toBe(0);
  });

  it("sets apart what says it is ready, even where only one of its entries does", () => {
    const { failing, contradictory } = merge({
      expired: [magnetOf("1"), magnetOf("2", { statusCode: 4 })],
      error: [magnetOf("1", { statusCode: 4 }), magnetOf("2"), magnetOf("3")],
    });
    expect([...failing.keys()]).toEqual(["3"]);
    expect([...contradictory.keys()].sort()).toEqual(["1", "2"]);
  });

  it.each<[number | undefined, string | undefined, FailingStatus[], "failing" | "contradictory"]>([
    [0, "In Queue", ["error"], "contradictory"],
    [1, "Downloading", ["expired"], "contradictory"],
    [2, undefined, ["expired", "error"], "contradictory"],
    [3, "Expired - files removed", ["expired"], "failing"],
    [3, "Uploading", ["error"], "contradictory"],
    [3, "Uploading", ["expired", "error"], "contradictory"],
    [4, "No peer after 30 minutes", ["error"], "contradictory"],
    [5, "Ready", ["error"], "failing"],
    [11, undefined, ["expired"], "failing"],
    [15, undefined, ["error"], "failing"],
    [99, undefined, ["error"], "failing"],
    [undefined, "Ready", ["expired"], "contradictory"],
    [undefined, " in queue ", ["error"], "contradictory"],
    [undefined, "Downloading", ["error"], "contradictory"],
    [undefined, "Uploading", ["expired"], "contradictory"],
    [undefined, "No peer after 30 minutes", ["error"], "failing"],
    [undefined, undefined, ["error"], "failing"],
  ])("code %s, text %s in %j: %s", (statusCode, statusText, statuses, expected) => {
    const magnets = [magnetOf("1", { statusCode, statusText })];
    const merged = merge(Object.fromEntries(statuses.map((status) => [status, magnets])));
    expect([...merged[expected].keys()]).toEqual(["1"]);
    expect(merged.failing.size + merged.contradictory.size).toBe(1);
  });

  it("notes that the other list did not answer", () => {
    expect(merge({ expired: [magnetOf("1")] }).failing.get("1")).toMatchObject({ partial: true });
    expect(merge({ expired: [magnetOf("1")], error: [] }).failing.get("1")).toMatchObject({ partial: false });
  });

  it("knows nothing from no list", () => {
    expect(merge({})).toEqual({ failing: new Map(), contradictory: new Map() });
  });
});

describe("limitFor", () => {
  it.each<[number, number, FailingStatus[], FailingStatus, number]>([
    [3, 5, ["expired"], "expired", 3],
    [3, 5, ["error"], "error", 5],
    [3, 5, ["expired", "error"], "error", 5],
    [3, 5, ["error", "expired"], "error", 5],
    [7, 5, ["expired", "error"], "expired", 7],
    [5, 5, ["expired", "error"], "expired", 5],
  ])("expired %i, error %i, sighted in %j: %s, %i", (expired, error, statuses, status, maxRetries) => {
    expect(limitFor({ statuses }, { maxRetries: { expired, error } })).toEqual({ status, maxRetries });
  });

  it("takes the higher limit while the other list does not answer", () => {
    const policy = { maxRetries: { expired: 3, error: 5 } };
    expect(limitFor({ statuses: ["expired"], partial: true }, policy).maxRetries).toBe(5);
    expect(limitFor({ statuses: ["error"], partial: true }, policy).maxRetries).toBe(5);
  });
});

describe("conditionOf", () => {
  it.each<[number | undefined, string | undefined, boolean, string]>([
    [0, "In Queue", false, "processing"],
    [1, "Ready", false, "processing"],
    [3, undefined, false, "processing"],
    [3, undefined, true, "failing"],
    [4, "Ready", true, "ready"],
    [4, "No peer", false, "ready"],
    [5, "Ready", false, "failing"],
    [15, undefined, false, "failing"],
    [16, undefined, false, "unknown"],
    [-1, undefined, false, "unknown"],
    [undefined, "Ready", false, "ready"],
    [undefined, "ready ", false, "ready"],
    [undefined, "Downloading", true, "processing"],
    [undefined, "No peer", false, "unknown"],
    [undefined, undefined, false, "unknown"],
  ])("code %s, text %s, in the expired list alone %s: %s", (statusCode, statusText, isExpired, condition) => {
    expect(conditionOf({ id: "1", statusCode, statusText }, isExpired)).toBe(condition);
  });
});

describe("showsFailing", () => {
  const listed = (more: Partial<Magnet>, statuses: FailingStatus[] = ["error"]) => ({
    magnet: magnetOf("1", more),
    statuses,
  });
  it.each<[string, Partial<Magnet>, Partial<Magnet>, FailingStatus[], boolean]>([
    ["a code of a failure", { statusCode: 8 }, {}, ["error"], true],
    ["ready", { statusCode: 4 }, {}, ["error"], false],
    ["code 3, expired in the list, too", { statusCode: 3 }, { statusCode: 3 }, ["expired"], true],
    ["code 3, in the error list", { statusCode: 3 }, { statusCode: 15 }, ["error"], false],
    ["no code, the text of the list", { statusCode: undefined }, { statusCode: undefined }, ["error"], true],
    ["no code, another text", { statusCode: undefined, statusText: "?" }, {}, ["error"], false],
    ["a new code that the list shows, too", { statusCode: 77 }, { statusCode: 77 }, ["error"], true],
    ["a new code where the list shows another", { statusCode: 77 }, {}, ["error"], false],
    [
      "neither code nor text",
      { statusCode: undefined, statusText: " " },
      { statusCode: undefined, statusText: " " },
      ["error"],
      false,
    ],
  ])("%s", (_, found, inList, statuses, expected) => {
    expect(showsFailing(magnetOf("1", found), listed(inList, statuses))).toBe(expected);
  });
});
