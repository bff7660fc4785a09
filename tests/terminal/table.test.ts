import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { fitText, renderTable } from "../../src/terminal/layout.ts";

const COLUMNS = [
  { title: "NAME", shrinks: true },
  { title: "ID" },
  { title: "FAILS", align: "right" },
] as const;

describe("renderTable", () => {
  it("aligns columns under their titles", () => {
    expect(
      renderTable(COLUMNS, [
        ["Debian", "1", "3/5"],
        ["A longer name", "403207307", "10/12"],
      ]),
    ).toEqual([
      "NAME           ID         FAILS",
      "Debian         1            3/5",
      "A longer name  403207307  10/12",
    ]);
  });

  it("counts full-width letters and emoji as two columns", () => {
    const lines = renderTable(COLUMNS, [
      ["千と千尋", "1", "1/5"],
      ["😀👍🏽", "2", "1/5"],
      ["e\u0301", "3", "1/5"],
    ]);
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
      { width: 60 },
    );
    expect(lines.map((line) => stringWidth(line)).every((width) => width <= 60)).toBe(true);
    expect(lines[1]).toContain("…  403207307    1/5");
    expect(renderTable(COLUMNS, [["a".repeat(100), "403207307", "1/5"]], { width: 3 })[1]).toBe(
      "aaaaaaa…  403207307    1/5",
    );
  });

  it("cleans cells, so that none breaks the layout, and copes with huge and missing ones", () => {
    const lines = renderTable(COLUMNS, [["a\nb\x1b[2J", "1"], ["x".repeat(100_000)]]);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toMatch(/^a b \[2J +1$/);
    expect(lines[2]?.length).toBeLessThan(600);
    expect(renderTable(COLUMNS, [])).toEqual(["NAME  ID  FAILS"]);
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
