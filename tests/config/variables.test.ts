import { describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { configFolder, KEY, rejection, WEBHOOK } from "./config-folder.ts";

const OTHER = "zY9xW8vU7tS6rQ5pO4nM";

describe("MAGNETS_API_KEYS_FILE", () => {
  test.each([
    ["a key a line", `${KEY}\n${OTHER}\n`],
    ["without the last line break", `${KEY}\n${OTHER}`],
    ["as Windows writes lines, with empty ones", `\ufeff${KEY}\r\n\r\n${OTHER}\r\n`],
    ["commas", `${KEY}, ${OTHER}\n`],
    ["both", `${KEY},\n${OTHER},\n`],
  ])("%s", async (_, text) => {
    const folder = await configFolder({ api_keys: ["VOTRE_CLE_API_1"] });
    await folder.write("keys", text);
    const { config, warnings } = await folder.load({ env: { MAGNETS_API_KEYS_FILE: "keys" } });
    expect(config.accounts.map(({ key }) => key)).toEqual([KEY, OTHER]);
    expect(warnings).toEqual([]);
  });

  test.each([
    ["an empty one", "", "the file is empty"],
    ["blank lines", "\n \n", "the file is empty"],
    ["commas alone", ",\n,", "contains only commas: set it to one or more keys"],
    ["a JSON list", `["${KEY}", "${OTHER}"]`, "looks like JSON: write the keys themselves"],
    [
      "an env file's line",
      `${KEY}\nKEY=${OTHER}`,
      'key 2 looks like a name and a key: write {"name": "…", "key": "…"}, or the key alone',
    ],
  ])("%s is a problem", async (_, text, problem) => {
    const folder = await configFolder({ api_keys: [KEY] });
    await folder.write("keys", text);
    expect(await folder.problems({ env: { MAGNETS_API_KEYS_FILE: "keys" } })).toEqual([
      `MAGNETS_API_KEYS_FILE: ${problem}`,
    ]);
  });

  test.each([
    [
      { MAGNETS_API_KEYS_FILE: "absent" },
      "MAGNETS_API_KEYS_FILE: the file can't be read: there is no such file",
    ],
    [{ MAGNETS_API_KEYS_FILE: "%d/keys" }, "MAGNETS_API_KEYS_FILE: expected a path, got one with a variable"],
    [
      { MAGNETS_API_KEYS: KEY, MAGNETS_API_KEYS_FILE: "keys" },
      "MAGNETS_API_KEYS_FILE: MAGNETS_API_KEYS is set as well: keep only one of the two",
    ],
    [{ MAGNETS_API_KEYS: `"${KEY},${OTHER}"` }, "MAGNETS_API_KEYS: is in quotes: remove them"],
    [{ MAGNETS_API_KEYS: `["${KEY}"]` }, "MAGNETS_API_KEYS: looks like JSON: write the keys themselves"],
    [{ MAGNETS_API_KEYS: `${KEY};${OTHER}` }, "MAGNETS_API_KEYS: key 1 looks like several keys"],
    [
      { MAGNETS_DISCORD_WEBHOOK_URL: WEBHOOK, MAGNETS_DISCORD_WEBHOOK_URL_FILE: "hook" },
      "MAGNETS_DISCORD_WEBHOOK_URL_FILE: MAGNETS_DISCORD_WEBHOOK_URL is set as well: keep only one of the two",
    ],
  ])("%j", async (env, problem) => {
    const folder = await configFolder({ api_keys: [KEY] });
    expect(await folder.problems({ env })).toEqual([expect.stringContaining(problem)]);
  });
});

test("files suffice without a config, and replace what it says", async () => {
  const folder = await configFolder();
  await folder.write("keys", `${KEY}\n`);
  await folder.write("hook", `${WEBHOOK}\n`);
  const env = { HOME: folder.path, MAGNETS_API_KEYS_FILE: "keys", MAGNETS_DISCORD_WEBHOOK_URL_FILE: "hook" };
  const alone = await loadConfig({ keysRequired: true }, env, folder.path);
  expect(alone.config.webhookUrl).toBe(WEBHOOK);
  await folder.write("config.json", { api_keys: [OTHER], discord_webhook_url: "nonsense" });
  const { config } = await folder.load({ env });
  expect([config.accounts[0]?.key, config.webhookUrl]).toEqual([KEY, WEBHOOK]);
});

describe("unknown variables", () => {
  test.each([
    [{ MAGNETS_API_KEY: KEY }, "MAGNETS_API_KEY: unknown variable (did you mean MAGNETS_API_KEYS?)"],
    [
      { MAGNETS_WEBHOOK_URL_FILE: "x" },
      "MAGNETS_WEBHOOK_URL_FILE: unknown variable (did you mean MAGNETS_DISCORD_WEBHOOK_URL_FILE?)",
    ],
    [{ MAGNETS_STATEDIR: "x" }, "MAGNETS_STATEDIR: unknown variable (did you mean MAGNETS_STATE_DIR?)"],
    [{ MAGNETS_COLOUR: "x" }, "MAGNETS_COLOUR: unknown variable (the closest known one is MAGNETS_CONFIG)"],
    [{ [`MAGNETS_${KEY}`]: "" }, "MAGNETS_…: unknown variable (the closest known one is MAGNETS_API_KEYS)"],
  ])("%j", async (env, warning) => {
    const folder = await configFolder({ api_keys: [KEY] });
    expect((await folder.load({ env: env as NodeJS.ProcessEnv })).warnings).toEqual([warning]);
  });

  test("are named where they are why there is no configuration", async () => {
    const folder = await configFolder();
    const env = { HOME: folder.path, MAGNETS_API_KEY: KEY };
    const error = await rejection(loadConfig({ keysRequired: true }, env, folder.path));
    expect(String(error)).toContain("did you mean MAGNETS_API_KEYS?");
  });

  test("the known ones draw none", async () => {
    const folder = await configFolder({ api_keys: [KEY] });
    const env = {
      MAGNETS_CONFIG: "x",
      MAGNETS_STATE_DIR: "x",
      MAGNETS_API_URL: "http://localhost",
      MAGNETS_API_KEYS: KEY,
    };
    expect((await folder.load({ env: { ...env, MAGNETSX: "y" } })).warnings).toEqual([]);
  });
});
