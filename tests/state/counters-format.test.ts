import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Counters } from "../../src/core/records.ts";
import { counters as countersFormat } from "../../src/state/formats.ts";
import { parseState } from "../../src/state/state-file.ts";
import { counter } from "./sample.ts";

const parse = (text: string) => parseState("retry_counts.json", Buffer.from(text), countersFormat);
const format = (counters: Counters) => [...countersFormat.format(counters)].join("");
const parseEntry = (entry: unknown) => parse(JSON.stringify({ "1": entry }));

describe("countersFormat", () => {
  it("reads the original's file as it is", () => {
    const original = '{\n  "403207307": {\n    "fails": 3,\n    "last_status": "error"\n  }\n}';
    expect(parse(original)).toEqual({
      value: new Map([["403207307", { fails: 3, last_status: "error" }]]),
      problems: [],
    });
  });

  it("writes one entry a line, and reads it again as it was", () => {
    const counters = new Map([
      ["1000", counter()],
      ["99", counter({ later_field: { kept: [1, "two"] } })],
    ]);
    const text = format(counters);
    expect(text.split("\n").map((line) => line.slice(0, 8))).toEqual(["{", '  "1000"', '  "99": ', "}", ""]);
    expect(parse(text)).toEqual({ value: counters, problems: [] });
    expect(parse(format(parse(text).value)).value).toEqual(counters);
  });

  it.each([[{ fails: 2 }], [{ fails: 2, last_status: null }], [{ fails: 2, last_status: "error" }]])(
    "takes %j for 2 failures in error",
    (entry) => {
      expect(parseEntry(entry)).toEqual({
        value: new Map([["1", { fails: 2, last_status: "error" }]]),
        problems: [],
      });
    },
  );

  it.each([
    ["last_status", 7],
    ["filename", 7],
    ["size", -1],
    ["hash", {}],
    ["failing_since", "yesterday"],
    ["last_seen", "2026-13-01T00:00:00Z"],
    ["failing_seconds", "3600"],
    ["restarts", 0.5],
    ["had_chance", "yes"],
    ["account", ["a"]],
  ])("drops the field %s when it is %j, and keeps the entry", (field, value) => {
    const { value: counters, problems } = parseEntry({ ...counter(), [field]: value });
    const { [field]: _, ...rest } = counter();
    expect(counters.get("1")).toEqual(field === "last_status" ? { ...rest, last_status: "error" } : rest);
    expect(problems).toEqual([
      {
        severity: "warning",
        message: `retry_counts.json holds unreadable values: dropped 1 field (1.${field})`,
      },
    ]);
  });

  it.each([
    [{}],
    [{ fails: -1 }],
    [{ fails: 1.5 }],
    [{ fails: "3" }],
    [{ fails: null }],
    [{ fails: 1e300 }],
    [3],
    [null],
    [[]],
    ["x"],
  ])("drops the entry %j alone", (entry) => {
    const { value, problems } = parse(JSON.stringify({ "1": entry, "2": { fails: 1 } }));
    expect([...value.keys()]).toEqual(["2"]);
    expect(problems).toEqual([
      { severity: "error", message: "retry_counts.json is corrupt in part: dropped 1 counter (1)" },
    ]);
  });

  it.each([
    "__proto__",
    "constructor",
    "toString",
    "",
    "abc",
    "-1",
    "1.5",
    "007",
    "1e3",
    "٣",
    "9".repeat(21),
  ])("takes %j for no id", (id) => {
    const { value, problems } = parse(
      `{${JSON.stringify(id)}: {"fails": 9, "polluted": true}, "5": {"fails": 1}}`,
    );
    expect([...value]).toEqual([["5", { fails: 1, last_status: "error" }]]);
    expect(problems[0]?.severity).toBe("error");
    expect("polluted" in {}).toBe(false);
  });

  it("drops an entry that is nested too deeply to be written again", () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const { value } = parse(`{"1": {"fails": 1, "x": ${deep}}, "2": {"fails": 1}}`);
    expect([...value.keys()]).toEqual(["2"]);
  });

  it("doesn't show names of entries that could be anything", () => {
    const { problems } = parse(JSON.stringify({ "\u001b[31m": {}, "ok name": {} }));
    expect(problems[0]?.message).toBe(
      "retry_counts.json is corrupt in part: dropped 2 counters (ok name, …)",
    );
  });

  it("refuses the file of a newer version", () => {
    expect(() => parse('{"version": 2, "counters": {}}')).toThrow("written by a newer magnets (version 2)");
  });

  it("makes counters or a corrupt file of any JSON, and what it writes it reads without damage", () => {
    const ids = fc.oneof(fc.nat().map(String), fc.string());
    const entries = fc.oneof(fc.record({ fails: fc.nat(), last_status: fc.string() }), fc.jsonValue());
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(ids, entries), fc.jsonValue()), (content) => {
        const { value } = parse(JSON.stringify(content));
        const again = parse(format(value));
        expect(again.problems).toEqual([]);
        expect([...again.value.keys()].sort()).toEqual([...value.keys()].sort());
      }),
    );
  });
});
