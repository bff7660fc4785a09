import fc from "fast-check";
import { expect, test } from "vitest";
import { ConfigError } from "../../src/config/problems.ts";
import { configFolder, KEY, rejection, WEBHOOK } from "./config-folder.ts";

const CANARY = "S3cr3tC4n4ryK3y00001";

/** Configs, each wrong in a way that involves a secret. */
const table: unknown[] = [
  { api_keys: [`${CANARY} x`] },
  { api_keys: [`${CANARY}é`, "b".repeat(600) + CANARY] },
  { api_keys: CANARY },
  { api_keys: { [CANARY]: CANARY } },
  { api_keys: [[CANARY], { [CANARY]: CANARY }, { name: CANARY, key: CANARY }, { key: { a: CANARY } }] },
  { api_keys: [{ key_file: CANARY }, { key: CANARY, key_file: CANARY }, { name: CANARY }] },
  { api_keys: [CANARY, { name: `the ${CANARY}`, key: KEY }] },
  { api_keys: [CANARY, CANARY, `${CANARY}\n`], max_retries: 0 },
  { [CANARY]: "main" },
  { api_keys: [KEY], max_retries: CANARY, min_failing_hours: CANARY, log_level: CANARY, protect: CANARY },
  { api_keys: [KEY], max_retries: { [CANARY]: CANARY }, cycle_seconds: [CANARY] },
  { api_keys: [KEY], discord_webhook_url: `https://discord.com/api/webhooks/1/${CANARY}/x` },
  { api_keys: [KEY], discord_webhook_url: `http://discord.com/api/webhooks/1/${CANARY}` },
  { api_keys: [KEY], discord_webhook_url: `https://example.com/${CANARY}` },
  { api_keys: [KEY], discord_webhook_url: { [CANARY]: CANARY } },
  { api_keys: [KEY], discord_webhook_url_file: `https://discord.com/api/webhooks/1/${CANARY}` },
  { api_keys: [KEY], discord_webhook_url_file: CANARY },
  [CANARY],
  CANARY,
  `{"api_keys": ["${CANARY}]}`,
  `{"api_keys": ["${CANARY}"] "max_retries": 5}`,
  `{"api_keys": [${CANARY}]}`,
];

test.each(table)("no secret in the message for %j", async (config) => {
  const folder = await configFolder(config);
  const error = await rejection(folder.load());
  expect(error).toBeInstanceOf(ConfigError);
  expect(`${(error as Error).stack}${JSON.stringify(error)}`).not.toContain(CANARY);
});

test.each([
  ["MAGNETS_API_KEYS", `${CANARY} x`],
  ["MAGNETS_DISCORD_WEBHOOK_URL", `https://example.com/${CANARY}`],
  ["MAGNETS_API_URL", `https://me:${CANARY}@localhost`],
])("nor for %s", async (name, value) => {
  const folder = await configFolder({ api_keys: [KEY] });
  const error = await rejection(folder.load({ env: { [name]: value } }));
  expect(String((error as Error).stack)).not.toContain(CANARY);
});

test("nor in warnings", async () => {
  const folder = await configFolder();
  await folder.write("config.json", { api_keys: [CANARY, CANARY], discord_webhook_url: WEBHOOK }, 0o644);
  const { warnings } = await folder.load();
  expect(warnings).toHaveLength(2);
  expect(warnings.join()).not.toContain(CANARY);
});

const VALID = {
  api_keys: [KEY, { name: "main", key: `${KEY}2` }, { name: "third", key_file: "third" }],
  max_retries: { expired: 3, error: 5 },
  min_failing_hours: 0,
  max_deletes_per_run: 100,
  protect: ["x"],
  discord_webhook_url: WEBHOOK,
  discord_webhook_url_file: "",
  cycle_seconds: 1800,
  log_level: "INFO",
  state_dir: "state",
  retry_counts_path: "counts.json",
};

test("whatever a config holds, it loads or is refused in words", async () => {
  const folder = await configFolder(VALID);
  await folder.write("third", `${KEY}3`);
  const value = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.string({ unit: "binary" }),
    fc.constantFrom(null, "", " ", -1, 0, 1e308, [], {}, "~", "/", ".", "\0", "a".repeat(5000), [[]], [{}]),
    fc.webUrl().map((url) => url.replace("https", "http")),
  );
  const place = fc.constantFrom<(string | number)[]>(
    ...Object.keys(VALID).map((key) => [key]),
    ["api_keys", 0],
    ["api_keys", 1, "name"],
    ["api_keys", 1, "key"],
    ["api_keys", 2, "key_file"],
    ["max_retries", "expired"],
    ["protect", 0],
    ["unknown"],
    ["__proto__"],
    ["constructor"],
    ["api_keys", 1, "toString"],
  );
  const mutation = fc.array(fc.tuple(place, value), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(mutation, fc.boolean(), async (changes, keysRequired) => {
      const config = structuredClone(VALID);
      for (const [path, replacement] of changes) setAt(config, path, structuredClone(replacement));
      await folder.write("config.json", config);
      try {
        const loaded = await folder.load({ keysRequired });
        expect(loaded.config.maxRetries.error).toBeGreaterThanOrEqual(1);
        expect(loaded.config.stateDir).toMatch(/^\//);
        for (const { key } of loaded.config.accounts)
          expect(() => new Headers({ Authorization: key })).not.toThrow();
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error;
        // One line for each problem, whatever the config holds, and no key among them.
        for (const line of error.problems) expect(line).toMatch(/^[^\p{Cc}]+$/u);
        expect(error.message).not.toContain(KEY);
        expect(error.message).not.toContain(WEBHOOK);
      }
    }),
    { numRuns: 400 },
  );
});

function setAt(target: object, path: (string | number)[], value: unknown): void {
  let at: unknown = target;
  for (const key of path.slice(0, -1)) at = isObject(at) ? at[key] : undefined;
  const last = path.at(-1);
  // An earlier change may have taken the place away.
  if (!isObject(at) || last === undefined || (Array.isArray(at) && typeof last === "string")) return;
  // As JSON.parse would: an own key, also for __proto__.
  Object.defineProperty(at, last, { value, enumerable: true, configurable: true, writable: true });
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === "object" && value !== null;
}
