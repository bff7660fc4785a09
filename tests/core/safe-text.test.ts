import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cleanText } from "../../src/core/text.ts";
import { withoutJoinedEmoji } from "../support/joined-emoji.ts";

/** Any string at all, lone surrogates included, with a lean towards what does harm. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
      fc.constantFrom(" ", "\n", "\u0301", "\u200d", "\ufe0f", "\u202e", "\u2028", "\x1b[2J", "é", "👩‍👩‍👧"),
    ),
    { maxLength: 30 },
  )
  .map((parts) => parts.join(""));

describe("cleanText", () => {
  it.each([
    ["a plain name", "Debian 12.5 [x64].iso", "Debian 12.5 [x64].iso"],
    ["letters of the world", "Amélie — 千と千尋 — Любовь — हिन्दी", "Amélie — 千と千尋 — Любовь — हिन्दी"],
    ["ANSI colours", "\x1b[31mred\x1b[0m", "[31mred [0m"],
    ["OSC that sets the title", "\x1b]0;owned\x07x", "]0;owned x"],
    ["OSC with a C1 introducer", "\x9d0;owned\x9cx", "0;owned x"],
    ["CSI as one C1 byte", "a\x9b2Jb", "a 2Jb"],
    ["CR that overwrites", "good\rbad", "good bad"],
    ["CRLF", "a\r\nb", "a b"],
    ["a forged journal priority", "a\n<0>panic", "a <0>panic"],
    ["tab, vertical tab, form feed, NEL", "a\tb\vc\fd\x85e", "a b c d e"],
    ["line and paragraph separators", "a\u2028b\u2029c", "a b c"],
    ["NUL", "a\0b", "a b"],
    ["DEL and backspace", "a\x7fb\bc", "a b c"],
    ["bidi override", "a\u202egpj.exe", "agpj.exe"],
    ["bidi isolates and marks", "\u2066a\u2069\u200f\u061c", "a"],
    ["zero-width and BOM", "a\u200b\u200d\ufeffb", "ab"],
    ["tags that hide text", "a\u{e0061}\u{e0062}", "a"],
    ["variation selectors", "a\ufe0f\u{e0101}", "a"],
    ["Hangul and braille blanks", "\u3164a\u2800b\uffa0", "a b"],
    ["private use", "a\ue000\u{f0000}b", "ab"],
    ["non-characters", "a\ufffe\uffffb\ufdd0", "ab"],
    ["lone surrogates", "a\ud800b\udc00", "a\ufffdb\ufffd"],
    ["nothing but blanks", " \t\u00a0\u3000\u200b", ""],
    ["marks without a letter", "\u0301\u0301a", "a"],
    ["a flood of marks", `a${"\u0301".repeat(500)}b`, `a${"\u0301".repeat(8)}b`],
    ["joined emoji stay whole", "👩‍👧 🧔‍♂️ 👩🏽‍🚀 👩‍❤️‍👨 🏳️‍🌈", "👩‍👧 🧔‍♂️ 👩🏽‍🚀 👩‍❤️‍👨 🏳️‍🌈"],
    ["a joiner that joins nothing", "👩\u200d a\u200d👧 👩\u200b\u200d👧 \u200d👩\ufe0f", "👩 a👧 👩👧 👩"],
  ])("%s", (_, text, expected) => {
    expect(cleanText(text)).toBe(expected);
  });

  it.each([
    ["fits", "abc", 3, "abc"],
    ["is cut", "abcd", 3, "ab…"],
    ["never in a surrogate pair", "a😀😀", 4, "a😀…"],
    ["never in a surrogate pair, one less", "a😀😀", 3, "a…"],
    ["never between a letter and its mark", "abe\u0301x", 4, "ab…"],
    ["without a blank before the dots", "ab cd", 4, "ab…"],
    ["never in a joined emoji", "ab👩‍👩‍👧", 9, "ab…"],
    ["never before a skin tone", "ab👍🏽", 5, "ab…"],
    ["to one", "abc", 1, "…"],
    ["to nothing", "abc", 0, ""],
  ])("cuts: %s", (_, text, length, expected) => {
    expect(cleanText(text, length)).toBe(expected);
  });

  it("leaves nothing harmful of any text, and is done at once", () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 40 }), (text, length) => {
        const clean = cleanText(text);
        expect(withoutJoinedEmoji(clean)).not.toMatch(
          /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u,
        );
        expect(clean).not.toMatch(/^[\s\p{M}]|\s$|\s\s/u);
        expect(cleanText(clean)).toBe(clean);
        const cut = cleanText(text, length);
        expect(cut.length).toBeLessThanOrEqual(length);
        expect(cut.isWellFormed()).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each(["a", " ", "\u0301", "\u200b", "\x1b", "😀", "a\n", "e\u0301 "])(
    "takes linear time for 100,000 times %j",
    (piece) => {
      expect(cleanText(piece.repeat(100_000), 200).length).toBeLessThanOrEqual(200);
    },
  );

  it.each(["a", "a ", "ab c "])("takes a text as long as an answer may be: %j over and over", (piece) => {
    const text = `${piece.repeat(10_000_000 / piece.length)}a`;
    expect(cleanText(text, 200)).toHaveLength(200);
  });
});
