import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesWildcard, protectedBy } from "../../src/core/protection.ts";
import type { CounterRecord } from "../../src/core/records.ts";

const HEX = "0123456789abcdef0123456789abcdef01234567";
const BASE32 = "aerukz4jvpg66ajdivtytk6n54asgrlh";
const none: CounterRecord = { fails: 1, last_status: "error" };

describe("protectedBy", () => {
  it.each<[string, string, boolean]>([
    ["its id", "42", true],
    ["its id between spaces", " 42 ", true],
    ["the beginning of its id", "4", false],
    ["an id with a wildcard", "4*", false],
    ["its whole name", "Ubuntu 24.04 [x64].iso", true],
    ["its name in any case", "UBUNTU 24.04 [X64].ISO", true],
    ["a part of its name", "Ubuntu", false],
    ["a run at the end", "ubuntu*", true],
    ["a run at the start", "*.iso", true],
    ["a run in the middle", "u*4*iso", true],
    ["one character", "ubuntu 2?.04*", true],
    ["one character too many", "ubuntu 24.04 [x64].iso?", false],
    ["an empty run", "*ubuntu 24.04 [x64].iso*", true],
    ["brackets are themselves", "*[xyz64]*", false],
    ["a dot is a dot", "ubuntu 24x04*", false],
    ["all", "*", true],
    ["its hash", HEX, true],
    ["its hash in capitals", HEX.toUpperCase(), true],
    ["its hash in base32", BASE32, true],
    ["its hash in base32, in capitals", BASE32.toUpperCase(), true],
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
