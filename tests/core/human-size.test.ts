import { expect, it } from "vitest";
import { humanSize } from "../../src/core/text.ts";

const english = { units: ["B", "kB", "MB", "GB", "TB"], decimalMark: "." };

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1 kB"],
  [1449, "1.4 kB"],
  [99_949, "99.9 kB"],
  [99_950, "100 kB"],
  [999_499, "999 kB"],
  [999_500, "1 MB"],
  [1_400_000_000, "1.4 GB"],
  [5e15, "5000 TB"],
  [-1, undefined],
  [Number.NaN, undefined],
  [undefined, undefined],
])("%s is %s", (bytes, expected) => {
  expect(humanSize(bytes, english)).toBe(expected);
});

it("writes the language's own units and mark", () => {
  expect(humanSize(1_400_000_000, { units: ["o", "ko", "Mo", "Go"], decimalMark: "," })).toBe("1,4 Go");
});
