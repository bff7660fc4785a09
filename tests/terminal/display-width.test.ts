import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { bar, displayWidth, glyphs, sparkline, wrapText } from "../../src/terminal/layout.ts";

describe("displayWidth", () => {
  it.each([
    ["", 0],
    ["Movie.2019.1080p.mkv", 20],
    ["千と千尋の神隠し", 16],
    ["한글", 4],
    ["한글".normalize("NFD"), 4],
    ["é".normalize("NFD"), 1],
    ["สวัสดี", 4],
    ["😀", 2],
    ["👍🏽", 2],
    ["👩‍👩‍👧", 2],
    ["🇫🇷🇩🇪", 4],
    ["ﾊﾝｶｸ", 4],
    ["███░░", 5],
    ["\u001b[31mred\u001b[39m", 3],
    ["\u001b[1m語\u001b[22m", 2],
  ])("%j takes %d columns, as string-width says", (text, width) => {
    expect(displayWidth(text)).toBe(width);
    expect(stringWidth(text)).toBe(width);
  });

  it("loses nothing when it takes a text apart", () => {
    const text = "a👩‍👩‍👧 é🇫🇷語\u0301x";
    expect(
      glyphs(text)
        .map((glyph) => glyph.text)
        .join(""),
    ).toBe(text);
  });
});

describe("bar", () => {
  it.each([
    [0, 5, "░░░░░"],
    [1, 100, "█░░░░"],
    [3, 5, "███░░"],
    [99, 100, "████░"],
    [5, 5, "█████"],
    [9, 5, "█████"],
    [1, 0, "█████"],
  ])("%d of %d is %s", (part, whole, expected) => expect(bar(part, whole, 5)).toBe(expected));
});

describe("sparkline", () => {
  it.each([
    [[], ""],
    [[0, 0], "▁▁"],
    [[0, 1, 2, 4, 8], "▁▂▃▅█"],
    [[1, 1000], "▂█"],
  ])("%j is %s", (counts, expected) => expect(sparkline(counts)).toBe(expected));
});

describe("wrapText", () => {
  it("breaks between words, and indents what follows", () => {
    expect(wrapText("  one two three", 9, "    ")).toEqual(["  one two", "    three"]);
    expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
  });

  it("counts columns, and leaves long words whole", () => {
    expect(wrapText("語語 語語", 8)).toEqual(["語語", "語語"]);
    expect(wrapText("see https://example.org/very/long now", 10)).toEqual([
      "see",
      "https://example.org/very/long",
      "now",
    ]);
    expect(wrapText("any length at all")).toEqual(["any length at all"]);
  });
});
