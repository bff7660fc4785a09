import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEntry, matchesWildcard, protectedBy, unmatchedEntries } from "../../src/core/protection.ts";
import type { CounterRecord } from "../../src/core/records.ts";

const HEX = "0123456789abcdef0123456789abcdef01234567";
const BASE32 = "aerukz4jvpg66ajdivtytk6n54asgrlh";
const none: CounterRecord = { fails: 1, last_status: "error" };

describe("protectedBy", () => {
  it.each<[string, string, boolean]>([
    ["its id", "42", true],
    ["its id between spaces", " 42 ", true],
    ["the beginning of another id", "421", false],
    ["an id with a wildcard", "4*", false],
    ["an id that is a part of its name", "24", true],
    ["its whole name", "Ubuntu 24.04 [x64].iso", true],
    ["its name in any case", "UBUNTU 24.04 [X64].ISO", true],
    ["a part of its name", "Ubuntu", true],
    ["a part in the middle", "tu 24", true],
    ["no part of its name", "Debian", false],
    ["a pattern is of the whole name", "?buntu", false],
    ["a run at the end", "ubuntu*", true],
    ["a run at the start", "*.iso", true],
    ["a run in the middle", "u*4*iso", true],
    ["one character", "ubuntu 2?.04*", true],
    ["one character too many", "ubuntu 24.04 [x64].iso?", false],
    ["an empty run", "*ubuntu 24.04 [x64].iso*", true],
    ["brackets are themselves", "*[xyz64]*", false],
    ["a dot is not any character", "ubuntu 24x04*", false],
    ["dots and underscores are blanks", "Ubuntu_24 04.[x64] iso", true],
    ["all", "*", true],
    ["its hash", HEX, true],
    ["its hash in capitals", HEX.toUpperCase(), true],
    ["its hash in base32", BASE32, true],
    ["its hash in base32, in capitals", BASE32.toUpperCase(), true],
    ["its hash as a URN", `urn:btih:${HEX}`, true],
    ["its hash as a URN in base32", `URN:BTIH:${BASE32.toUpperCase()}`, true],
    ["a whole magnet link", `magnet:?dn=Other+name&xt=urn:btih:${HEX.toUpperCase()}&tr=udp%3A%2F%2Fx`, true],
    ["one that is encoded", `magnet:?xt=urn%3Abtih%3A${HEX}`, true],
    ["a link of two hashes", `magnet:?xt=urn:btmh:1220${"0".repeat(64)}&xt=urn:btih:${HEX}`, true],
    ["a link of another hash", `magnet:?xt=urn:btih:${HEX.replace("0", "1")}`, false],
    ["another hash", HEX.replace("0", "1"), false],
    ["another hash in base32", BASE32.replace("a", "b"), false],
  ])("%s: %s is %s", (_, entry, expected) => {
    const magnet = { id: "42", filename: "Ubuntu 24.04 [x64].iso", hash: HEX };
    expect(protectedBy([entry], magnet, none) !== undefined).toBe(expected);
    expect(protectedBy(["no such", entry, "neither"], magnet, none) !== undefined).toBe(expected);
  });

  it("reads one letter in two spellings alike", () => {
    expect(protectedBy(["Am\u00e9lie*"], { id: "1", filename: "AME\u0301LIE 2001" }, none)).toBeDefined();
    expect(protectedBy(["?melie"], { id: "1", filename: "\u{1d400}melie" }, none)).toBeDefined();
  });

  it.each<[string, string, string]>([
    ["blanks of every kind", "The\u00a0Great_Film  part", "The.Great Film\u2009part 2"],
    ["several blanks for one", "a b", "A - B.mkv"],
    ["apostrophes of every kind", "L’été d'un", "L'E\u0301TE\u0301 D`UN AN"],
    ["no apostrophe at all", "Oceans Eleven", "Ocean's.Eleven.2001"],
    ["an apostrophe that ? stands for", "ocean?s eleven*", "Ocean’s Eleven 2001"],
    ["dashes of every kind", "Spider–Man*", "Spider-Man 2"],
    ["a dash for a blank", "spider man", "Spider-Man.2"],
    ["a dash that ? stands for", "a ? b", "A — B"],
    ["NFKC: ligatures, full width, superscripts", "ﬁlm ２²", "FILM 22"],
    ["the German sharp s", "STRASSE", "Die Straße"],
    ["the Greek final sigma", "ΟΔΟΣ*", "οδος 1"],
    ["the Turkish dotted I", "istanbul", "İSTANBUL"],
    ["what can't be seen", "zero\u200bwidth", "Ze\u00adro Zerowidth"],
    ["typographic quotes", 'the "best"', "The “Best”"],
    ["a question mark of full width", "なに？", "アニメ なに? 01"],
  ])("does not mind %s", (_, entry, filename) => {
    expect(protectedBy([entry], { id: "1", filename }, none)).toBe(`protected by "${entry}"`);
  });

  it.each([
    ["a-b", "ab"],
    ["été", "ete"],
    ["film?", "film"],
    [".", "filmname"],
  ])("but %s is not %s", (entry, filename) => {
    expect(protectedBy([entry], { id: "1", filename }, none)).toBeUndefined();
  });

  it("takes 1917 for an id and for a film", () => {
    expect(protectedBy(["1917"], { id: "1917", filename: "Other" }, none)).toBeDefined();
    expect(protectedBy(["1917"], { id: "1", filename: "1917.2019.mkv" }, none)).toBeDefined();
  });

  it("knows what the lists left out from the record", () => {
    const record = { ...none, filename: "Ubuntu.iso", hash: HEX };
    expect(protectedBy(["ubuntu*"], { id: "1" }, record)).toBeDefined();
    expect(protectedBy([HEX], { id: "1" }, record)).toBeDefined();
    expect(protectedBy(["debian*"], { id: "1" }, record)).toBeUndefined();
    expect(protectedBy(["debian*"], { id: "1", filename: "Debian.iso" }, record)).toBeDefined();
  });

  it.each<[string, string, boolean]>([
    ["a name pattern", "ubuntu*", true],
    ["a hash", HEX, true],
    ["another id", "43", false],
  ])("protects what it knows neither name nor hash of, where it can't rule out %s", (_, entry, expected) => {
    for (const filename of [undefined, "", "  "]) {
      expect(protectedBy([entry], { id: "42", filename }, none) !== undefined).toBe(expected);
    }
    expect(protectedBy([entry], { id: "42", hash: "no hash" }, none) !== undefined).toBe(expected);
  });

  it("without entries protects nothing", () => {
    expect(protectedBy([], { id: "42" }, none)).toBeUndefined();
  });
});

describe("unmatchedEntries", () => {
  const magnets = [
    { id: "42", filename: "Family.Videos" },
    { id: "43", hash: HEX },
  ];

  it.each<[string[], string[]]>([
    [["42", HEX, "*videos", "family"], []],
    [
      ["*familly*", "43", "44", BASE32.replace("a", "b")],
      ["*familly*", "44", BASE32.replace("a", "b")],
    ],
    [[], []],
  ])("of %j are %j", (protect, expected) => {
    expect(unmatchedEntries(protect, magnets)).toEqual(expected);
  });

  it("are all without magnets", () => {
    expect(unmatchedEntries(["*"], [])).toEqual(["*"]);
  });
});

describe("checkEntry", () => {
  it.each<[what: string, ...entries: string[]]>([
    [
      "looks like a regular expression",
      "^Ubuntu",
      "Ubuntu$",
      ".*ubuntu.*",
      "Ubuntu.*",
      "\\d+",
      "S01\\w",
      "a\\.b",
      "(?i)ubuntu",
    ],
    ["looks like a path", "/ubuntu/", "/ubuntu/i", "/srv/films", "~/films", "C:/films"],
    ["contains a line break", "a\nb", "a\r\nb", "a\u2028b"],
    ["write the id alone", "id:403207307", "ID = 403207307", "id:*", "#403207307"],
    ["write the hash alone", `hash=${HEX}`, `hash: ${HEX}`, `info_hash:${HEX}`, `btih:${HEX}`],
    ["write the name alone", "name:ubuntu", "filename=ubuntu", "glob:*ubuntu*", "regex:ubuntu"],
    [
      "looks like several in one",
      "*a*,*b*",
      "*a*, *b*",
      "*a*;*b*",
      "*a*|*b*",
      "403207307,403207308",
      `${HEX} ${HEX}`,
    ],
    ["contains no hash", "magnet:?dn=ubuntu", "urn:btih:ubuntu", "magnet:"],
    ["expected an id, a hash or a name", "...", "_", ". ."],
    ["looks like a URL", "https://example.org/ubuntu.torrent"],
  ])("an error: %s", (what, ...entries) => {
    for (const entry of entries) expect(checkEntry(entry).mistake, entry).toContain(what);
  });

  it.each(["{a,b}*", "*.{mkv,mp4}", "%ubuntu%", "(a|b)", "[0-9]*", "a.+b", '"Ubuntu"', "!ubuntu"])(
    "a warning: %s",
    (entry) => {
      expect(checkEntry(entry).mistake).toBeUndefined();
      expect(checkEntry(entry).doubt).toBeDefined();
    },
  );

  it.each([
    ...[
      "403207307",
      HEX,
      BASE32,
      `urn:btih:${HEX}`,
      `magnet:?xt=urn:btih:${HEX}&dn=a%20b`,
      "*",
      "*keep this*",
    ],
    ...[
      "[Group] Show - 01 [1080p].mkv",
      "AC/DC",
      "A$AP Rocky",
      "Mr. ?",
      "100% Wolf",
      "Re:Zero",
      "ID: Invaded",
      "L’été",
    ],
    ...["2,000 leagues", "C++ course", "#Alive", "S01E0?", "What If...?"],
  ])("neither: %s", (entry) => {
    expect(checkEntry(entry)).toEqual({});
  });
});

describe("matchesWildcard", () => {
  it("agrees with the same pattern as a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "é", "💿", "."), maxLength: 12 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "é", "💿", ".", "*", "?"), maxLength: 8 });
    fc.assert(
      fc.property(pattern, text, (p, t) => {
        const source = p.replaceAll(".", "\\.").replaceAll("*", ".*").replaceAll("?", ".");
        expect(matchesWildcard(p, t)).toBe(new RegExp(`^${source}$`, "su").test(t));
      }),
      { numRuns: 2_000 },
    );
  });
});
