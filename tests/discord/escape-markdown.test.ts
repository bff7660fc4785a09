import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { escapeMarkdown } from "../../src/discord/message.ts";

describe("escapeMarkdown", () => {
  it.each([
    ["a plain name", "Debian 12.5 (x64)", "Debian 12.5 \\(x64\\)"],
    ["everyone", "@everyone", "\\@everyone"],
    ["a mention", "<@123> <#4> <@&5>", "\\<\\@123\\> \\<\\#4\\> \\<\\@&5\\>"],
    ["a masked link", "[free](https://evil.example)", "\\[free\\]\\(https\\://evil.example\\)"],
    ["a time and an emoji", "<t:0:R> :skull:", "\\<t\\:0\\:R\\> \\:skull\\:"],
    ["backticks", "```js`", "\\`\\`\\`js\\`"],
    ["a heading, a quote, a list, small print", "# a > b - c -# d", "\\# a \\> b \\- c \\-\\# d"],
    ["a numbered list", "1. a 2. b", "1\\. a 2. b"],
    [
      "bold, italic, underlined, struck, hidden",
      "**a** _b_ ~~c~~ ||d||",
      "\\*\\*a\\*\\* \\_b\\_ \\~\\~c\\~\\~ \\|\\|d\\|\\|",
    ],
    ["a backslash of its own", "\\*", "\\\\\\*"],
    ["line breaks and escapes", "a\n# b\x1b[0m", "a \\# b \\[0m"],
    ["bidi and invisible", "a\u202eb\u200bc", "abc"],
  ])("%s", (_, text, expected) => {
    expect(escapeMarkdown(text, 256)).toBe(expected);
  });

  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["a*b", 4, "a\\*b"],
    ["a*b", 3, "a…"],
    ["**", 3, "\\*…"],
    ["\\\\", 3, "\\\\…"],
    ["😀😀", 3, "😀…"],
    ["a*", 0, ""],
    ["", 0, ""],
  ])("cuts %j to %d: %j", (text, length, expected) => {
    expect(escapeMarkdown(text, length)).toBe(expected);
  });

  it("leaves no special character unescaped and no dangling backslash, whatever the text and the length", () => {
    const harmful = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("\\", "*", "[", "](", "@", "`", "\n", "12.", "😀"),
    );
    fc.assert(
      fc.property(fc.array(harmful), fc.integer({ min: 1, max: 60 }), (parts, length) => {
        const text = escapeMarkdown(parts.join(""), length);
        expect(text.length).toBeLessThanOrEqual(length);
        expect(text.isWellFormed()).toBe(true);
        // Once every escaped pair is taken out, nothing special is left.
        expect(text.replace(/\\[\\*_~`|>#\-[\]()<:@.]/g, "")).not.toMatch(
          /[\\*_~`|>#\-[\]()<:@\p{Cc}\p{Cf}]/u,
        );
        expect(text).not.toMatch(/^\d+\./);
      }),
      { numRuns: 1000 },
    );
  });
});
