import { describe, expect, test } from "vitest";
import { configFolder, KEY, WEBHOOK } from "./config-folder.ts";

const UNKNOWN = "contains an unknown key (did you mean max_retries?)";

describe("what can't be seen or looks like something else is named with line and column", () => {
  test.each<[what: string, text: string, ...lines: string[]]>([
    [
      "a no-break space before a number",
      `{\n  "api_keys": ["${KEY}"],\n  "max_retries":\u00a05\n}`,
      "line 3, column 17: a no-break space (U+00A0): write an ordinary space or none",
    ],
    [
      "a French blank before a colon",
      `{"max_retries"\u202f: 5}`,
      "line 1, column 15: a narrow no-break space (U+202F): write an ordinary space or none",
    ],
    [
      "a zero-width space",
      `{\r\n\u200b"max_retries": 5}`,
      "line 2, column 1: a zero-width space (U+200B): delete it",
    ],
    [
      "a line separator",
      `{\u2028"max_retries": 5}`,
      "line 1, column 2: a line or paragraph separator (U+2028): write an ordinary line break",
    ],
    [
      "typographic quotes, each of them",
      "{“max_retries”: 5}",
      'line 1, column 2: a typographic quote (U+201C): write a straight one (") or none',
      'line 1, column 14: a typographic quote (U+201D): write a straight one (") or none',
    ],
    [
      "a string that a typographic quote was to close",
      `{"api_keys": ["${KEY}”]}`,
      'line 1, column 36: a typographic quote (U+201D): write a straight one (") or none',
    ],
    [
      "a full-width colon",
      '{"max_retries"：5}',
      "line 1, column 15: a full-width character (U+FF1A): write the ordinary one",
    ],
    [
      "NUL after the end",
      `{}\n${"\0".repeat(512)}`,
      "line 2, column 1: a NUL character (U+0000), 512 times: delete it",
    ],
    ["nothing but NUL", "\0\0\0", "line 1, column 1: a NUL character (U+0000), 3 times: delete it"],
    ["a second byte order mark", "\ufeff\ufeff{}", "line 1, column 1: a byte order mark (U+FEFF): delete it"],
    [
      "many of them: the first five",
      `{${"\u00a0 ".repeat(8)}}`,
      ...[2, 4, 6, 8, 10].map(
        (column) => `line 1, column ${column}: a no-break space (U+00A0): write an ordinary space or none`,
      ),
    ],
  ])("%s", async (_, text, ...lines) => {
    const folder = await configFolder(text);
    expect(await folder.problems()).toEqual(lines.map((line) => `config.json: ${line}`));
  });

  test.each<[what: string, json: string, ...lines: string[]]>([
    [
      "in a key's name",
      '"max_retries\u200b": 5',
      "a name contains a zero-width space (U+200B) at line 2, column 13: delete it",
      UNKNOWN,
    ],
    ["a Cyrillic letter in it", '"m\u0430x_retries": 5', UNKNOWN],
    [
      "in a value, once",
      '"log_level": "INFO\u00a0"',
      "log_level: contains a no-break space (U+00A0) at line 2, column 19: write an ordinary space or none",
    ],
    [
      "beside other problems",
      `"discord_webhook_url": "${WEBHOOK}\u200d", "max_retries": 0`,
      "discord_webhook_url: contains an invisible character (U+200D) at line 2, column 90: delete it",
      'max_retries: expected a whole number of at least 1, or {"expired": 3, "error": 5}, got 0',
    ],
  ])("inside strings: %s", async (_, json, ...lines) => {
    const folder = await configFolder(`{"api_keys": ["${KEY}"],\n${json}}`);
    expect(await folder.problems()).toEqual(lines.map((line) => `config.json: ${line}`));
  });

  test("in a key, and in the file of a key", async () => {
    const folder = await configFolder({
      api_keys: [`${KEY}\u200b`, { key_file: "key" }, { key_file: "wide" }],
    });
    await folder.write("key", `\n${KEY.slice(0, 5)}\u00a0${KEY}\n`);
    await folder.write("wide", Buffer.from(`\ufeff${KEY}`, "utf16le"));
    expect(await folder.problems()).toEqual([
      "config.json: api_keys: key 1 contains a zero-width space (U+200B) at line 1, column 35: delete it",
      "config.json: api_keys: key 2, key_file: the file contains a no-break space (U+00A0) at line 2, column 6: " +
        "write an ordinary space or none",
      "config.json: api_keys: key 3, key_file: the file can't be read: it is not UTF-8 text: save it as UTF-8 " +
        `(relative paths start from ${folder.path})`,
    ]);
  });

  test("names of people, servers and torrents, and comments, may hold any", async () => {
    const config = {
      _comment: "« l’été »",
      api_keys: [{ name: "Chez « Zoé »", key: KEY, _who: "\u200b" }],
      protect: ["L’été à la mer", "a\u00a0b"],
      arrs: [{ name: "Zoé’s Sonarr", url: "http://127.0.0.1:8989", api_key: KEY }],
    };
    const folder = await configFolder(config);
    expect((await folder.load()).warnings).toEqual([]);
  });
});

describe("the same name twice in one object", () => {
  const twice = (name: string, ...[a, b, c, d]: number[]) =>
    `${name}: appears twice, at line ${a}, column ${b} and at line ${c}, column ${d}: keep only one`;

  test.each<[json: string, ...lines: string[]]>([
    [`"api_keys": ["${KEY}"],\n"api_keys": ["${KEY}2"]`, twice("api_keys", 1, 2, 2, 1)],
    [`"api_keys": ["${KEY}"],\n"max_retries": 5,\n"max\\u005fretries": 5`, twice("max_retries", 2, 1, 3, 1)],
    [`"api_keys": ["${KEY}"],\n"protect": ["*a*"],\n"protect": ["*b*"]`, twice("protect", 2, 1, 3, 1)],
    [
      `"api_keys": ["${KEY}"],\n"max_retries": {"error": 5,\n"error": 6}`,
      twice("max_retries.error", 2, 17, 3, 1),
    ],
    [
      `"api_keys": ["${KEY}"],\n"max_retries": {"error": 5},\n"max_retries": {"error": 6}`,
      twice("max_retries", 2, 1, 3, 1),
    ],
    [
      `"api_keys": [{"key": "${KEY}",\n"name": "a",\n"name": "b"}]`,
      twice("api_keys: key 1, name", 2, 1, 3, 1),
    ],
    [
      `"api_keys": ["${KEY}"],\n"language": "en",\n"language": "fr",\n"language": "en"`,
      twice("language", 2, 1, 3, 1),
      twice("language", 2, 1, 4, 1),
    ],
  ])("%s", async (json, ...lines) => {
    const folder = await configFolder(`{${json}}`);
    expect(await folder.problems()).toEqual(lines.map((line) => `config.json: ${line}`));
  });

  test("is not shown where it may be a key", async () => {
    const folder = await configFolder(`{"api_keys": [{"${KEY}": 1,\n"${KEY}": 2}]}`);
    const problems = await folder.problems();
    expect(problems[0]).toBe(
      "config.json: api_keys: key 1: a name appears twice, at line 1, column 16 and at line 2, column 1: keep only one",
    );
    expect(problems.join()).not.toContain(KEY);
  });

  test("is no trouble in two objects", async () => {
    const keys = [
      { name: "a", key: KEY },
      { name: "b", key: `${KEY}2` },
    ];
    expect((await (await configFolder({ api_keys: keys })).load()).config.accounts).toHaveLength(2);
  });

  test("brackets without end that are closed", async () => {
    const folder = await configFolder(`{"_x": ${"[".repeat(100_000)}${"]".repeat(100_000)}}`);
    expect(await folder.problems()).toEqual([
      "config.json: line 1, column 1: not valid JSON: it can't be parsed (too many brackets?)",
    ]);
  });
});
