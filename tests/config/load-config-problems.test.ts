import { writeFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import type { ConfigError } from "../../src/config/problems.ts";
import { UsageError } from "../../src/errors.ts";
import { configFolder, KEY, rejection, WEBHOOK } from "./config-folder.ts";

const RETRIES = 'expected a whole number of at least 1, or {"expired": 3, "error": 5}';
const RETRY = "expected a whole number of at least 1";
const HOURS = "expected a number of hours from 0 to 87600";
const DELETES = "expected a whole number of at least 0 (0 is no limit)";
const CYCLE = "expected a number of seconds from 1 to 2678400 (31 days)";
const LEVEL = "expected DEBUG, INFO, WARNING or ERROR";
const PATTERN = "expected an id, a hash or a name";
const NAME = "expected a name of at most 64 characters on one line";
const ENTRY = 'expected a key, {"name": …, "key": …} or {"name": …, "key_file": …}';
const LIST = 'expected a list of keys, ["…"] or [{"name": "…", "key": "…"}]';
const SHOWN = "contains what looks like a key, and names are shown: choose another name";
const PUT_KEY =
  "is a placeholder: replace it with one of your AllDebrid keys (https://alldebrid.com/apikeys)";
const PUT_WEBHOOK =
  'is a placeholder: copy the URL from Discord (Edit Channel, Integrations, Webhooks), or set it to ""';
const COPY = "copy it again from https://alldebrid.com/apikeys";
const ADDRESS = "expected https://discord.com/api/webhooks/<digits>/<token>";
const ADD_KEYS = "add at least one AllDebrid key (https://alldebrid.com/apikeys), or set MAGNETS_API_KEYS";

/** Beside a valid `api_keys`, unless the row has its own. */
const table: [config: Record<string, unknown>, ...lines: string[]][] = [
  // Numbers
  [{ max_retries: "5" }, `max_retries: ${RETRIES}, got "5" in quotes`],
  [{ max_retries: 0 }, `max_retries: ${RETRIES}, got 0`],
  [{ max_retries: 2.5 }, `max_retries: ${RETRIES}, got 2.5`],
  [{ max_retries: null }, `max_retries: ${RETRIES}, got null`],
  [{ max_retries: [] }, `max_retries: ${RETRIES}, got a list`],
  [{ max_retries: true }, `max_retries: ${RETRIES}, got true`],
  [{ max_retries: { expired: 0 } }, `max_retries.expired: ${RETRY}, got 0`],
  [
    { max_retries: { expired: "3", error: {} } },
    `max_retries.expired: ${RETRY}, got "3" in quotes`,
    `max_retries.error: ${RETRY}, got an object`,
  ],
  [{ max_retries: { expire: 3 } }, "max_retries.expire: unknown key (did you mean expired?)"],
  [{ min_failing_hours: -1 }, `min_failing_hours: ${HOURS}, got -1`],
  [{ min_failing_hours: "1,5" }, `min_failing_hours: ${HOURS}, got "1,5" in quotes`],
  [{ min_failing_hours: 90_000 }, `min_failing_hours: ${HOURS}, got 90000`],
  [{ max_deletes_per_run: -1 }, `max_deletes_per_run: ${DELETES}, got -1`],
  [{ max_deletes_per_run: 0.5 }, `max_deletes_per_run: ${DELETES}, got 0.5`],
  [{ cycle_seconds: 0 }, `cycle_seconds: ${CYCLE}, got 0`],
  [{ cycle_seconds: "half an hour" }, `cycle_seconds: ${CYCLE}, got a string`],
  [{ cycle_seconds: "" }, `cycle_seconds: ${CYCLE}, got an empty string`],
  // Lists and strings
  [{ protect: "x" }, 'protect: expected a list of ids, hashes or names, ["…"], got a string'],
  [
    { protect: ["ok", " ", {}] },
    `protect: entry 2: ${PATTERN}, got an empty string`,
    `protect: entry 3: ${PATTERN}, got an object`,
  ],
  [{ protect: [1.5] }, `protect: entry 1: ${PATTERN}, got 1.5`],
  [{ log_level: "verbose" }, `log_level: ${LEVEL}, got "VERBOSE"`],
  [{ log_level: 3 }, `log_level: ${LEVEL}, got 3`],
  [{ state_dir: 5 }, "state_dir: expected a path, got 5"],
  [{ state_dir: "a\0b" }, "state_dir: expected a path, got a string"],
  [{ retry_counts_path: {} }, "retry_counts_path: expected a path, got an object"],
  // Unknown keys
  [{ max_retry: 3 }, "max_retry: unknown key (did you mean max_retries?)"],
  [{ "Log-Level": "INFO" }, "Log-Level: unknown key (did you mean log_level?)"],
  [{ webhook: "" }, "webhook: unknown key (the closest known one is protect)"],
  [
    { protekt: [], cycles: 5, max_retries: 0 },
    "protekt: unknown key (did you mean protect?)",
    "cycles: unknown key (the closest known one is arrs)",
    `max_retries: ${RETRIES}, got 0`,
  ],
  // Keys
  [{ api_keys: undefined }, `api_keys: is missing: ${ADD_KEYS}`],
  [{ api_keys: [] }, `api_keys: is empty: ${ADD_KEYS}`],
  [{ api_keys: KEY }, `api_keys: ${LIST}, got a string`],
  [{ api_keys: [12345678] }, `api_keys: key 1: ${ENTRY}, got a number`],
  [{ api_keys: [[KEY]] }, `api_keys: key 1: ${ENTRY}, got a list`],
  [{ api_keys: [KEY, null] }, `api_keys: key 2: ${ENTRY}, got null`],
  [{ api_keys: [""] }, "api_keys: key 1 is empty"],
  [{ api_keys: ["  "] }, "api_keys: key 1 is empty"],
  [{ api_keys: [`${KEY} x`] }, `api_keys: key 1 contains a space or a line break: ${COPY}`],
  [{ api_keys: [`${KEY}\nx`] }, `api_keys: key 1 contains a space or a line break: ${COPY}`],
  [
    { api_keys: [`${KEY}\u0007x`] },
    `api_keys: key 1 contains a control character (U+0007) at line 1, column 21: delete it`,
  ],
  [{ api_keys: [`${KEY}é`] }, `api_keys: key 1 contains a character that no key has: ${COPY}`],
  [{ api_keys: ["a".repeat(600)] }, `api_keys: key 1 is too long for a key: ${COPY}`],
  [{ api_keys: [KEY, { name: "x" }] }, "api_keys: key 2: expected key or key_file, got neither"],
  [
    { api_keys: [{ key: KEY, key_file: "k" }] },
    "api_keys: key 1, key_file: key is set as well: keep only one of the two",
  ],
  [{ api_keys: [{ name: "", key: KEY }] }, `api_keys: key 1, name: ${NAME}, got an empty string`],
  [{ api_keys: [{ name: "a\nb", key: KEY }] }, `api_keys: key 1, name: ${NAME}, got a string`],
  [{ api_keys: [{ name: 5, key: KEY }] }, `api_keys: key 1, name: ${NAME}, got a number`],
  [{ api_keys: [{ nmae: "x", key: KEY }] }, "api_keys: key 1, nmae: unknown key (did you mean name?)"],
  [
    { api_keys: [{ [KEY]: "main" }] },
    "api_keys: key 1 contains an unknown key (the closest known one is name)",
    "api_keys: key 1: expected key or key_file, got neither",
  ],
  [{ api_keys: [{ name: `my ${KEY}`, key: KEY }] }, `api_keys: key 1, name: ${SHOWN}`],
  [
    {
      api_keys: [
        { name: "main", key: KEY },
        { name: " main ", key: `${KEY}2` },
      ],
    },
    "api_keys: key 2, name: is the name of another account: give each its own name",
  ],
  [
    { api_keys: [{ name: "account 2", key: KEY }, `${KEY}2`] },
    "api_keys: key 2 is the name of another account: give each its own name",
  ],
  [
    { api_keys: ["VOTRE_CLE_API_1", { key_file: "http://x" }, "VOTRE_CLE_API_2"] },
    `api_keys: key 1 ${PUT_KEY}`,
    "api_keys: key 2, key_file: expected a path, got a URL",
    `api_keys: key 3 ${PUT_KEY}`,
  ],
  ...["API_KEY", "YOUR_API_KEY", "API_KEY_2", "your-key", "<key>", "xxxxxxxx", "...", "changeme"].map(
    (key): [Record<string, unknown>, string] => [{ api_keys: [key] }, `api_keys: key 1 ${PUT_KEY}`],
  ),
  // Webhook
  [{ discord_webhook_url: 5 }, "discord_webhook_url: expected the URL of a webhook, got a number"],
  ...[
    "https://discord.com/api/webhooks/",
    "https://discord.com/api/webhooks",
    "https://discord.com/api/webhooks/VOTRE_WEBHOOK",
    "https://discord.com/api/webhooks/...",
    "https://discord.com/api/webhooks/<id>/<token>",
    "https://discord.com/api/webhooks/ID/TOKEN",
    "https://discord.com/api/webhooks/123/YOUR_TOKEN",
    "YOUR_WEBHOOK_URL",
    "VOTRE_WEBHOOK",
  ].map((url): [Record<string, unknown>, string] => [
    { discord_webhook_url: url },
    `discord_webhook_url: ${PUT_WEBHOOK}`,
  ]),
  ...[
    "https://example.com/api/webhooks/123/abc",
    "https://discord.com.example.com/api/webhooks/123/abc",
    "https://discord.com:8443/api/webhooks/123/abc",
    "https://me:pw@discord.com/api/webhooks/123/abc",
    "https://discord.com/channels/123/456",
    `${WEBHOOK}/slack`,
    "http://discord.com/api/webhooks/123/abc",
    "https://discord.com/api/webhooks/123",
    "http://192.168.1.5/hook",
    "ftp://localhost/x",
    "discord.com/api/webhooks/123/abc",
    "https://discord.com/api/webhooks/123/a b",
  ].map((url): [Record<string, unknown>, string] => [
    { discord_webhook_url: url },
    `discord_webhook_url: ${ADDRESS}`,
  ]),
  [
    { discord_webhook_url: WEBHOOK, discord_webhook_url_file: "hook" },
    "discord_webhook_url_file: discord_webhook_url is set as well: keep only one of the two",
  ],
  [{ discord_webhook_url_file: WEBHOOK }, "discord_webhook_url_file: expected a path, got a URL"],
];

describe("each problem is named with its place, and all at once", () => {
  test.each(table)("%j", async (config, ...lines) => {
    const folder = await configFolder({ api_keys: [KEY], ...config });
    expect(await folder.problems()).toEqual(lines.map((line) => `config.json: ${line}`));
  });
});

describe("files named by the config", () => {
  test("that are missing, folders, too large or empty", async () => {
    const folder = await configFolder({
      api_keys: [
        { key_file: "absent" },
        { key_file: "." },
        { key_file: "large" },
        { key_file: "empty" },
        { key_file: "" },
      ],
      discord_webhook_url_file: "empty",
    });
    await folder.write("large", "x".repeat(1_100_000));
    await folder.write("empty", " \n");
    const from = `(relative paths start from ${folder.path})`;
    expect(await folder.problems()).toEqual([
      `config.json: api_keys: key 1, key_file: the file can't be read: there is no such file ${from}`,
      `config.json: api_keys: key 2, key_file: the file can't be read: it is a folder ${from}`,
      `config.json: api_keys: key 3, key_file: the file can't be read: it is too large ${from}`,
      "config.json: api_keys: key 4, key_file: the file is empty",
      `config.json: api_keys: key 5, key_file: the file can't be read: it is a folder ${from}`,
      "config.json: discord_webhook_url_file: the file is empty",
    ]);
  });
});

describe("the message", () => {
  test("of one problem is one line that ends with what to do", async () => {
    const folder = await configFolder({ api_keys: [KEY], max_retries: 0 });
    const error = await rejection(folder.load());
    expect(error).toBeInstanceOf(UsageError);
    expect((error as ConfigError).exitCode).toBe(2);
    expect((error as ConfigError).message).toBe(
      `config.json: max_retries: ${RETRIES}, got 0. Correct this in ${folder.file} and try again.`,
    );
  });

  test("of several is a line each, environment included, then what to do", async () => {
    const folder = await configFolder({ api_keys: [KEY], max_retries: 0 });
    const error = await rejection(folder.load({ env: { MAGNETS_API_URL: "http://example.com" } }));
    expect((error as ConfigError).message.split("\n")).toEqual([
      `config.json: max_retries: ${RETRIES}, got 0`,
      expect.stringMatching(/^MAGNETS_API_URL: expected an https:\/\/ URL/),
      `Correct these in ${folder.file} and try again.`,
    ]);
  });
});

describe("a file that is not a JSON object", () => {
  const rows: [text: string, line: string][] = [
    ["", "line 1, column 1: not valid JSON: the file is empty"],
    [
      '{\n  "max_retries": 5,\n}',
      "line 3, column 1: not valid JSON: expected a key in double quotes (remove any comma before })",
    ],
    [
      '{\n  "max_retries": 5\n  "log_level": "INFO"\n}',
      "line 3, column 3: not valid JSON: expected a comma before this",
    ],
    ['{"max_retries" 5}', "line 1, column 16: not valid JSON: expected a colon"],
    [
      '{"api_keys": ["a", ]}',
      "line 1, column 20: not valid JSON: expected a value (remove any comma before ] or })",
    ],
    [
      '{\r\n  // keys\r\n  "max_retries": 5}',
      'line 2, column 3: not valid JSON: comments are not allowed (use a key such as "_comment")',
    ],
    [
      '{"api_keys": ["abc',
      "line 1, column 15: not valid JSON: a string is not closed with a double quote on the same line",
    ],
    ["{'api_keys': []}", "line 1, column 2: not valid JSON: unexpected text (strings need double quotes)"],
    ['{"max_retries": 5', "line 1, column 18: not valid JSON: expected }"],
    [
      '{"protect": ["\\x"]}',
      "line 1, column 14: not valid JSON: invalid escape after a backslash (write a backslash itself as \\\\)",
    ],
    ['{"max_retries": 5}}', "line 1, column 19: not valid JSON: expected the end of the file"],
    ["[]", "expected one object in { }"],
    ["null", "expected one object in { }"],
    ['"text"', "expected one object in { }"],
  ];
  test.each(rows)("%j", async (text, line) => {
    const folder = await configFolder();
    await writeFile(folder.file, text);
    expect(await folder.problems()).toEqual([`config.json: ${line}`]);
  });

  test("brackets without end", async () => {
    const folder = await configFolder("[".repeat(200_000));
    expect(await folder.problems()).toEqual([
      expect.stringMatching(/^config\.json: line 1, column \d+: not/),
    ]);
  });
});
