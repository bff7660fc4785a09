import { describe, expect, it } from "vitest";
import { conditionOf, type FailingStatus, type Magnet } from "../../src/core/magnet.ts";
import { limitFor, mergeLists } from "../../src/core/sighting.ts";
import { magnetOf } from "./records.ts";

const merge = (
  lists: Partial<Record<FailingStatus, Magnet[]>>,
  unseen: (id: string) => FailingStatus | undefined = () => undefined,
) => mergeLists(new Map(Object.entries(lists) as [FailingStatus, Magnet[]][]), unseen);

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
    expect(contradictory).toEqual([]);
  });

  it("sets apart what says it is ready, even where only one of its entries does", () => {
    const { failing, contradictory } = merge({
      expired: [magnetOf("1"), magnetOf("2", { statusCode: 4 })],
      error: [magnetOf("1", { statusCode: 4 }), magnetOf("2"), magnetOf("3")],
    });
    expect([...failing.keys()]).toEqual(["3"]);
    expect(contradictory.map(({ id }) => id).sort()).toEqual(["1", "2"]);
  });

  it.each([0, 3, 5, 11, 15, 99, undefined])(
    "counts what a failing list holds with status code %s",
    (statusCode) => {
      expect(merge({ error: [magnetOf("1", { statusCode })] }).failing.size).toBe(1);
    },
  );

  it("adds the status of a list that did not answer, to what the other one shows", () => {
    const unseen = (id: string) => (id === "1" ? ("error" as const) : undefined);
    const { failing } = merge({ expired: [magnetOf("1"), magnetOf("2")] }, unseen);
    expect(failing.get("1")?.statuses).toEqual(["expired", "error"]);
    expect(failing.get("2")?.statuses).toEqual(["expired"]);
  });

  it("knows nothing from no list", () => {
    expect(merge({})).toEqual({ failing: new Map(), contradictory: [] });
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
    expect(limitFor(statuses, { maxRetries: { expired, error } })).toEqual({ status, maxRetries });
  });
});

describe("conditionOf", () => {
  it.each<[number | undefined, string | undefined, string]>([
    [0, "In Queue", "processing"],
    [1, "Ready", "processing"],
    [3, undefined, "processing"],
    [4, "Ready", "ready"],
    [4, "No peer", "ready"],
    [5, "Ready", "failing"],
    [15, undefined, "failing"],
    [-1, undefined, "failing"],
    [undefined, "Ready", "ready"],
    [undefined, "ready", "ready"],
    [undefined, "Downloading", "unknown"],
    [undefined, undefined, "unknown"],
  ])("code %s, text %s: %s", (statusCode, statusText, condition) => {
    expect(conditionOf({ id: "1", statusCode, statusText })).toBe(condition);
  });
});
