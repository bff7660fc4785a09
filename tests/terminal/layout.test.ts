import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { bar, fitText, glyphs, renderTable, sparkline, wrapText } from "../../src/terminal/layout.ts";
import { symbolsFor } from "../../src/terminal/screen.ts";

const SYMBOLS = symbolsFor({});
const page = (columns?: number) => ({ columns, symbols: SYMBOLS });

describe("glyphs", () => {
  it.each([
    ["", []],
    ["aé", [1, 1]],
    ["a\u0301b".normalize("NFD"), [1, 1]],
    ["千と", [2, 2]],
    ["한글".normalize("NFD"), [2, 2]],
    ["😀", [2]],
    ["👍🏽", [2]],
    ["👩‍👩‍👧a", [2, 1]],
    ["🇫🇷🇩🇪", [2, 2]],
    ["ﾊﾝ", [1, 1]],
    ["█░", [1, 1]],
  ])("of %j take %j columns, and lose nothing", (text, widths) => {
    expect(glyphs(text).map(({ width }) => width)).toEqual(widths);
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
  ])("%d of %d is %s", (part, whole, expected) => expect(bar(part, whole, 5, SYMBOLS)).toBe(expected));
});

describe("sparkline", () => {
  it.each([
    [[], ""],
    [[0, 0], "▁▁"],
    [[0, 1, 2, 4, 8], "▁▂▃▅█"],
    [[1, 1000], "▂█"],
  ])("%j is %s", (counts, expected) => expect(sparkline(counts, SYMBOLS)).toBe(expected));
});

describe("wrapText", () => {
  it("breaks between words, and indents what follows", () => {
    expect(wrapText("  one two three", page(9), "    ")).toEqual(["  one two", "    three"]);
    expect(wrapText("one two three", page(7))).toEqual(["one two", "three"]);
  });

  it("counts columns, and breaks only a word that is longer than a line", () => {
    expect(wrapText("語語 語語", page(8))).toEqual(["語語", "語語"]);
    expect(wrapText("see https://example.org/long now", page(12), "  ")).toEqual([
      "see",
      "  https://ex",
      "  ample.org/",
      "  long now",
    ]);
    expect(wrapText("x 語語語語", page(5))).toEqual(["x", "語語", "語語"]);
    expect(wrapText("👩‍👩‍👧👩‍👩‍👧", page(3))).toEqual(["👩‍👩‍👧", "👩‍👩‍👧"]);
    expect(wrapText("any length at all", page())).toEqual(["any length at all"]);
    expect(wrapText("\u001b[31mred\u001b[39m and", page(7))).toEqual(["\u001b[31mred\u001b[39m and"]);
  });

  it("takes time linear in a text's length, broken or not", () => {
    const startedAt = performance.now();
    expect(wrapText("é".repeat(8_000), page(40))).toHaveLength(200);
    expect(wrapText("éa ".repeat(2_500), page())).toHaveLength(1);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

const cell = (index: number) => (row: readonly string[]) => row[index] ?? "";
const COLUMNS = [
  { title: "NAME", cell: cell(0), shrinks: true },
  { title: "ID", cell: cell(1) },
  { title: "FAILS", cell: cell(2), align: "right" },
] as const;

describe("renderTable", () => {
  it("aligns columns under their titles", () => {
    expect(
      renderTable(
        COLUMNS,
        [
          ["Debian", "1", "3/5"],
          ["A longer name", "403207307", "10/12"],
        ],
        page(),
      ),
    ).toEqual([
      "NAME           ID         FAILS",
      "Debian         1            3/5",
      "A longer name  403207307  10/12",
    ]);
  });

  it("counts full-width letters and emoji as two columns", () => {
    const rows = [
      ["千と千尋", "1", "1/5"],
      ["😀👍🏽", "2", "1/5"],
      ["👩🏽‍🚀👩‍👩‍👧", "2", "1/5"],
      ["e\u0301", "3", "1/5"],
    ];
    const lines = renderTable(COLUMNS, rows, page());
    const idAt = lines.slice(1).map((line) => stringWidth(line.slice(0, line.search(/\d {2,}/))));
    expect(new Set(idAt).size).toBe(1);
  });

  it("fits a width by cutting the columns that may shrink, and only those", () => {
    const lines = renderTable(
      COLUMNS,
      [
        ["a".repeat(100), "403207307", "1/5"],
        ["語".repeat(80), "2", "1/5"],
      ],
      page(60),
    );
    expect(lines.map((line) => stringWidth(line)).every((width) => width <= 60)).toBe(true);
    expect(lines[1]).toContain("…  403207307    1/5");
    expect(renderTable(COLUMNS, [["a".repeat(100), "403207307", "1/5"]], page(26))[1]).toBe(
      "aaaaaaa…  403207307    1/5",
    );
    expect(renderTable(COLUMNS, [["a".repeat(100), "403207307", "1/5"]], page(3))[1]).toBe(
      "aa…  403207307    1/5",
    );
  });

  it("cleans cells, so that none breaks the layout, and copes with huge and missing ones", () => {
    const lines = renderTable(COLUMNS, [["a\nb\x1b[2J", "1"], ["x".repeat(100_000)]], page());
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^a b \[2J +1$/);
    expect(lines[2]?.length).toBeLessThan(600);
    expect(renderTable(COLUMNS, [], page())).toEqual(["NAME  ID  FAILS"]);
  });
});

describe("fitText", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["語語語", 5, "語語…"],
    ["語語語", 4, "語…"],
    ["a👩‍👩‍👧b", 3, "a…"],
    ["ab cd", 4, "ab…"],
    ["abc", 0, ""],
  ])("%s in %d columns is %s", (text, width, expected) => {
    expect(fitText(text, width)).toBe(expected);
  });
});
