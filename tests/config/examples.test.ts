import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load-config.ts";
import { configSchema } from "../../src/config/schema.ts";
import { configFolder, KEY, WEBHOOK } from "./config-folder.ts";

const examples = join(import.meta.dirname, "../../examples");

async function copied(name: string) {
  return await configFolder(await readFile(join(examples, name), "utf8"));
}

test("config.minimal.json is refused until its placeholder is replaced", async () => {
  const folder = await copied("config.minimal.json");
  expect(await folder.problems()).toEqual([
    expect.stringContaining("key 1 is a placeholder: replace it with one of your"),
  ]);
  const text = await readFile(folder.file, "utf8");
  await folder.write("config.json", text.replace("YOUR_API_KEY", KEY));
  expect((await folder.load()).config.accounts).toHaveLength(1);
});

test("config.full.json has every key and is refused until its placeholders are replaced", async () => {
  const folder = await copied("config.full.json");
  expect(await folder.problems()).toEqual([
    expect.stringContaining("api_keys: key 1 is a placeholder"),
    expect.stringContaining("api_keys: key 2 is a placeholder"),
    expect.stringContaining("api_keys: key 3, key_file: the file can't be read: there is no such file"),
    expect.stringContaining("discord_webhook_url: is a placeholder"),
  ]);
  const text = await readFile(folder.file, "utf8");
  expect(Object.keys(JSON.parse(text))).toEqual(expect.arrayContaining(Object.keys(configSchema.entries)));
  await folder.write("third.key", `${KEY}3`);
  const filled = text
    .replace('"YOUR_API_KEY"', `"${KEY}"`)
    .replace("YOUR_API_KEY_2", `${KEY}2`)
    .replace("PATH_OF_A_FILE_WITH_THE_KEY", "third.key")
    .replace("https://discord.com/api/webhooks/YOUR_WEBHOOK", WEBHOOK);
  await folder.write("config.json", filled);
  const { config, warnings } = await folder.load();
  expect(warnings).toEqual([]);
  expect(config.accounts.map(({ name }) => name)).toEqual(["account 1", "main", "family"]);
  expect(config.webhookUrl).toBe(WEBHOOK);
});

test("config.demo-key.json loads as it is", async () => {
  const { config } = await (await copied("config.demo-key.json")).load();
  expect(config.accounts).toMatchObject([{ name: "demo", key: "staticDemoApikeyPrem" }]);
});

test("the original's config loads as it is, its counters are found", async () => {
  const { config } = await loadConfig(
    { configPath: join(examples, "original/config.json"), keysRequired: true },
    { HOME: "/nonexistent" },
    "/",
  );
  expect(config.accounts).toHaveLength(2);
  expect(config.webhookUrl).toBeUndefined();
  expect(JSON.parse(config.legacyCounters?.text ?? "")).toEqual({
    "403207307": { fails: 3, last_status: "error" },
    "402623513": { fails: 1, last_status: "expired" },
  });
});

test("the config that the original's README shows is refused for its placeholders alone", async () => {
  const folder = await configFolder({
    api_keys: ["VOTRE_CLE_API_1", "VOTRE_CLE_API_2"],
    cycle_seconds: 1800,
    max_retries: 5,
    discord_webhook_url: "https://discord.com/api/webhooks/VOTRE_WEBHOOK",
    log_level: "INFO",
  });
  const problems = await folder.problems();
  expect(problems).toHaveLength(3);
  for (const line of problems) expect(line).toContain("is a placeholder");
});
