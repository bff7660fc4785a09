import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fingerprint } from "../../src/config/accounts.ts";
import { loadConfig } from "../../src/config/load-config.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { UsageError } from "../../src/errors.ts";
import { configFolder, KEY, rejection, WEBHOOK } from "./config-folder.ts";

const OTHER = "zY9xW8vU7tS6rQ5pO4nM";

test("a key alone: everything else has its default", async () => {
  const folder = await configFolder({ api_keys: [` ${KEY}\n`] });
  expect(await folder.load()).toEqual({
    config: {
      file: folder.file,
      accounts: [{ name: "account 1", key: KEY, fingerprint: fingerprint(KEY) }],
      allKeysRead: true,
      allArrsRead: true,
      files: [folder.file],
      command: "magnets",
      maxRetries: { expired: 5, error: 5 },
      minFailingHours: 0,
      maxDeletes: 100,
      protect: [],
      arrs: [],
      cycleSeconds: 1800,
      logLevel: "INFO",
      language: "en",
      stateDir: join(folder.path, ".local/state/magnets"),
      legacyCounters: { path: join(folder.path, "retry_counts.json") },
      apiUrl: "https://api.alldebrid.com",
    },
    warnings: [],
  });
});

test("every key is taken over", async () => {
  const folder = await configFolder({
    $schema: "x",
    _comment: "x",
    api_keys: [KEY, { _note: 1, name: " main ", key: OTHER }, { name: "third", key_file: "keys/third" }],
    max_retries: { $schema: "x", _why: "x", expired: 3 },
    min_failing_hours: 1.5,
    max_deletes_per_run: 7,
    protect: [403207307, " abc ", "*Keep?*"],
    discord_webhook_url: null,
    discord_webhook_url_file: "hook",
    cycle_seconds: 60,
    log_level: "warning",
    state_dir: "state",
    retry_counts_path: "old.json",
  });
  await folder.write("keys/third", "\uFEFFthirdKey123456\n");
  await folder.write("hook", `${WEBHOOK}\n`);
  await folder.write("old.json", "{}");
  const { config, warnings } = await folder.load();
  expect(warnings).toEqual([]);
  expect(config).toMatchObject({
    accounts: [
      { name: "account 1", key: KEY },
      { name: "main", key: OTHER },
      { name: "third", key: "thirdKey123456" },
    ],
    maxRetries: { expired: 3, error: 5 },
    minFailingHours: 1.5,
    maxDeletes: 7,
    protect: ["403207307", "abc", "*Keep?*"],
    webhookUrl: WEBHOOK,
    cycleSeconds: 60,
    logLevel: "WARNING",
    stateDir: join(folder.path, "state"),
    legacyCounters: { path: join(folder.path, "old.json"), text: "{}" },
  });
});

test("one number for max_retries holds for both lists", async () => {
  const folder = await configFolder({ api_keys: [KEY], max_retries: 1 });
  expect((await folder.load()).config.maxRetries).toEqual({ expired: 1, error: 1 });
});

test("empty strings and null are not set; a byte order mark does no harm", async () => {
  const config = {
    api_keys: [KEY],
    discord_webhook_url: "",
    discord_webhook_url_file: null,
    state_dir: "",
    retry_counts_path: null,
  };
  const folder = await configFolder(`\uFEFF${JSON.stringify(config)}`);
  const loaded = await folder.load();
  expect(loaded.config.webhookUrl).toBeUndefined();
  expect(loaded.config.stateDir).toBe(join(folder.path, ".local/state/magnets"));
  expect(loaded.config.legacyCounters).toEqual({ path: join(folder.path, "retry_counts.json") });
});

test.each([
  WEBHOOK,
  WEBHOOK.replace("/api/", "/api/v10/"),
  WEBHOOK.replace("discord.com", "discordapp.com"),
  WEBHOOK.replace("discord.com", "ptb.discord.com"),
  WEBHOOK.replace("discord.com", "canary.discord.com"),
  `${WEBHOOK}?thread_id=123`,
  "http://127.0.0.1:8080/any/path",
  "http://127.0.0.1:8080/api/webhooks/1/token",
  "http://127.0.0.1:8080/webhooks",
  "http://127.9.8.7/",
  "https://localhost:8443/api/webhooks/1/x",
  "http://[::1]:9/x",
])("the webhook %s is accepted", async (url) => {
  const folder = await configFolder({ api_keys: [KEY], discord_webhook_url: ` ${url} ` });
  expect((await folder.load()).config.webhookUrl).toBe(url);
});

describe("environment", () => {
  test("overrides the file, whatever is wrong with what it replaces", async () => {
    const folder = await configFolder({
      api_keys: ["VOTRE_CLE_API_1", 5, { nope: 1 }],
      discord_webhook_url: "https://discord.com/api/webhooks/VOTRE_WEBHOOK",
      discord_webhook_url_file: "absent",
    });
    const env = { MAGNETS_API_KEYS: ` ${KEY} ,, ${OTHER},`, MAGNETS_DISCORD_WEBHOOK_URL: ` ${WEBHOOK} ` };
    const { config } = await folder.load({ env });
    expect(config.accounts.map(({ name, key }) => [name, key])).toEqual([
      ["account 1", KEY],
      ["account 2", OTHER],
    ]);
    expect(config.webhookUrl).toBe(WEBHOOK);
  });

  test("suffices without a file", async () => {
    const folder = await configFolder();
    const env = { HOME: folder.path, MAGNETS_API_KEYS: KEY };
    // The one place that can't be moved.
    if (existsSync("/etc/magnets/config.json")) return;
    const { config, warnings } = await loadConfig({ keysRequired: true }, env, folder.path);
    expect(config.file).toBeUndefined();
    expect(config.legacyCounters).toBeUndefined();
    expect(config.accounts).toHaveLength(1);
    expect(warnings).toEqual([]);
  });

  test("empty variables count as unset", async () => {
    const folder = await configFolder({ api_keys: [KEY], discord_webhook_url: WEBHOOK });
    const names = ["API_KEYS", "DISCORD_WEBHOOK_URL", "API_URL", "STATE_DIR", "CONFIG"];
    const env = Object.fromEntries(names.map((name) => [`MAGNETS_${name}`, ""]));
    const { config } = await folder.load({ env: { ...env, STATE_DIRECTORY: "", XDG_STATE_HOME: "" } });
    expect(config).toEqual((await folder.load()).config);
  });

  test.each([
    ["MAGNETS_API_KEYS", " , ,", "contains only commas: set it to one or more keys"],
    [
      "MAGNETS_API_KEYS",
      `${KEY},a b`,
      "key 2 contains a space or a line break: copy it again from https://alldebrid.com/apikeys",
    ],
    [
      "MAGNETS_DISCORD_WEBHOOK_URL",
      "http://example.com",
      "expected https://discord.com/api/webhooks/<digits>/<token>",
    ],
  ])("%s=%s is a problem", async (name, value, text) => {
    const folder = await configFolder({ api_keys: [KEY] });
    expect(await folder.problems({ env: { [name]: value } })).toEqual([`${name}: ${text}`]);
  });

  test.each([
    ["https://example.com/api/", "https://example.com/api"],
    ["http://127.0.0.1:4000", "http://127.0.0.1:4000"],
    ["http://[::1]:4000//", "http://[::1]:4000"],
    ["http://localhost:4000/", "http://localhost:4000"],
  ])("MAGNETS_API_URL %s becomes %s", async (value, expected) => {
    const folder = await configFolder({ api_keys: [KEY] });
    expect((await folder.load({ env: { MAGNETS_API_URL: value } })).config.apiUrl).toBe(expected);
  });

  test.each([
    "http://example.com",
    "https://me:pw@example.com",
    "ftp://localhost",
    "nonsense",
    "https://x/?q=1",
  ])("MAGNETS_API_URL %s is refused", async (value) => {
    const folder = await configFolder({ api_keys: [KEY] });
    const problems = await folder.problems({ env: { MAGNETS_API_URL: value }, keysRequired: false });
    expect(problems).toEqual([expect.stringMatching(/^MAGNETS_API_URL: expected an https:\/\/ URL/)]);
  });
});

describe("without the need for keys", () => {
  test("what is wrong with keys and webhook is ignored, valid accounts are there", async () => {
    const folder = await configFolder({
      api_keys: ["VOTRE_CLE_API_1", { name: "main", key: KEY }, 5, { nmae: "x" }, { key_file: "absent" }],
      discord_webhook_url: "nonsense",
    });
    const { config } = await folder.load({ keysRequired: false });
    expect(config.accounts.map(({ name }) => name)).toEqual(["main"]);
    expect(config.webhookUrl).toBeUndefined();
  });

  test("keys that are not a list, and none at all", async () => {
    for (const config of [{ api_keys: 5 }, {}]) {
      const folder = await configFolder(config);
      expect((await folder.load({ keysRequired: false })).config.accounts).toEqual([]);
    }
  });

  test("all other problems count", async () => {
    const folder = await configFolder({ max_retries: 0, protekt: [] });
    expect(await folder.problems({ keysRequired: false })).toHaveLength(2);
  });

  test("no file is needed", async () => {
    const folder = await configFolder();
    if (existsSync("/etc/magnets/config.json")) return;
    const { config } = await loadConfig({ keysRequired: false }, { HOME: folder.path }, folder.path);
    expect(config.stateDir).toBe(join(folder.path, ".local/state/magnets"));
    const error = await rejection(loadConfig({ keysRequired: true }, { HOME: folder.path }, folder.path));
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toBe(
      `no configuration found; looked for ${folder.path}/.config/magnets/config.json, /etc/magnets/config.json, ` +
        `${folder.path}/config.json. To start, write {"api_keys": ["YOUR_API_KEY"]} with your key from ` +
        "https://alldebrid.com/apikeys to the first of these files, name another with --config, or set MAGNETS_API_KEYS.",
    );
  });
});

describe("--log-level", () => {
  test("wins over the file, in any case", async () => {
    const folder = await configFolder({ api_keys: [KEY], log_level: "error" });
    const load = (logLevel?: string) =>
      loadConfig({ configPath: folder.file, logLevel, keysRequired: true }, {}, folder.path);
    expect((await load("Debug")).config.logLevel).toBe("DEBUG");
    expect((await load()).config.logLevel).toBe("ERROR");
    const error = await rejection(load("loud"));
    expect(error).toBeInstanceOf(UsageError);
    expect((error as Error).message).toBe("--log-level: expected DEBUG, INFO, WARNING or ERROR, got loud");
  });
});

describe("warnings", () => {
  test("the same key twice is used once", async () => {
    const folder = await configFolder({ api_keys: [KEY, { name: "again", key: ` ${KEY}` }, OTHER] });
    const { config, warnings } = await folder.load();
    expect(config.accounts.map(({ name }) => name)).toEqual(["account 1", "account 3"]);
    expect(warnings).toEqual(["config.json: api_keys: key 2 is the same as key 1, so it is used only once"]);
  });

  test.each([0o604, 0o602, 0o601, 0o644])("files that others may open (%o)", async (mode) => {
    const folder = await configFolder();
    await folder.write(
      "config.json",
      { api_keys: [{ key_file: "a key" }], discord_webhook_url_file: "hook" },
      mode,
    );
    await folder.write("a key", KEY, mode);
    await folder.write("hook", WEBHOOK, mode);
    const open = "every user on this machine can open it: run chmod o=";
    expect((await folder.load()).warnings).toEqual([
      `config.json: ${open} ${folder.file}`,
      `config.json: api_keys: key 1, key_file: ${open} '${folder.path}/a key'`,
      `config.json: discord_webhook_url_file: ${open} ${folder.path}/hook`,
    ]);
  });

  test("none for a group's file", async () => {
    const folder = await configFolder();
    await folder.write("config.json", { api_keys: [KEY] }, 0o640);
    expect((await folder.load()).warnings).toEqual([]);
  });

  test("a retry_counts_path that does not exist", async () => {
    const folder = await configFolder({ api_keys: [KEY], retry_counts_path: "absent.json" });
    expect((await folder.load()).warnings).toEqual([
      `config.json: retry_counts_path: there is no file ${folder.path}/absent.json, so no earlier counters are imported: ` +
        "correct the path or remove it",
    ]);
  });
});

test("0 deletions a run are no limit, which draws a warning", async () => {
  const folder = await configFolder({ api_keys: [KEY], max_deletes_per_run: 0 });
  const { config, warnings } = await folder.load();
  expect(config.maxDeletes).toBe(0);
  expect(warnings).toEqual([
    'config.json: max_deletes_per_run: 0 is no limit; to have nothing deleted, write "protect": ["*"]',
  ]);
});

test.each<[object, NodeJS.ProcessEnv, boolean]>([
  [{ api_keys: [KEY, OTHER] }, {}, true],
  [{ api_keys: [KEY, "YOUR_API_KEY"] }, {}, false],
  [{ api_keys: [KEY, { key_file: "missing" }] }, {}, false],
  [{ api_keys: KEY }, {}, false],
  [{}, {}, false],
  [{}, { MAGNETS_API_KEYS: KEY }, true],
  [{ api_keys: [KEY], discord_webhook_url: 5, healthcheck_url: "nonsense" }, {}, true],
])("whether all keys could be read where none is required: %j %j", async (content, env, expected) => {
  const folder = await configFolder(content);
  expect((await folder.load({ keysRequired: false, env })).config.allKeysRead).toBe(expected);
});
