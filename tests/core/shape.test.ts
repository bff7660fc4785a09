import { expect, test } from "vitest";
import { shapeOf, shapeOfJson } from "../../src/core/shape.ts";

test.each<[string, string]>([
  ["", "an empty body"],
  [" \n", "an empty body"],
  ["reconnect now", "text of 13 characters"],
  [" <!doctype html>", "a web page of 16 characters"],
  ["null", "null"],
  ['"SECRET"', "string"],
  ["[1, 2, 3]", "[number]"],
  ["[]", "[]"],
  ['{"status":"success","data":{"n":null,"ok":true}}', "{status: string, data: {n: null, ok: boolean}}"],
  ['{"magnets":[{"id":1},{"id":"1"},{"id":2}]}', "{magnets: [{id: number} | {id: string}]}"],
  ['{"403207307":{"a":1},"403207308":{"a":1},"My film.mkv":1}', "{<key>: {a: number}, <key>: number}"],
])("%j is %s", (body, shape) => {
  expect(shapeOf(body)).toBe(shape);
});

test("has bounds in every direction", () => {
  const deep = JSON.parse(`${"[".repeat(5_000)}${"]".repeat(5_000)}`);
  const wide = Object.fromEntries(Array.from({ length: 5_000 }, (_, i) => [`k${"a".repeat(i % 30)}`, i]));
  const varied = Array.from({ length: 5_000 }, (_, i) => ({
    [`${"abcdefgh"[i % 8]}${"b".repeat(i % 29)}`]: 1,
  }));
  for (const value of [deep, wide, varied]) expect(shapeOfJson(value).length).toBeLessThanOrEqual(2_000);
});
