import { expect, test } from "vitest";
import { configFolder, KEY } from "./config-folder.ts";

const UUID = "5f0c1a7e-3b7d-4c55-9d0a-8e2b1c4d6f90";

const load = async (healthcheck_url: unknown) => {
  const folder = await configFolder({ api_keys: [KEY], healthcheck_url });
  return folder.load();
};

test.each([
  [`https://hc-ping.com/${UUID}`],
  ["https://hc-ping.com/aB3dE6gH9jK2mN5pQ8sTuV/magnets?create=1"],
  ["https://health.home.arpa:8443/ping/abc"],
  ["https://kuma.home.arpa/api/push/aB3dE6gH9j?status=up&msg=OK&ping="],
  ["http://127.0.0.1:3001/api/push/aB3dE6gH9j"],
  ["http://localhost:8000/ping/x"],
])("an address that is used as it is: %s", async (address) => {
  const { config, warnings } = await load(` ${address}\n`);
  expect(config.healthcheckUrl).toBe(address);
  expect(warnings).toEqual([]);
});

test.each(["http://192.168.1.20:3001/api/push/aB3dE6gH9j", "http://kuma/api/push/aB3dE6gH9j"])(
  "plain http off this machine draws a warning without the address: %s",
  async (address) => {
    const { config, warnings } = await load(address);
    expect(config.healthcheckUrl).toBe(address);
    expect(warnings).toEqual([expect.stringMatching(/^config\.json: healthcheck_url: is plain http/)]);
    expect(warnings.join()).not.toMatch(/192|kuma\/|aB3dE6gH9j/);
  },
);

test.each([undefined, null, "", "  "])("none at all: %j", async (value) => {
  const { config, warnings } = await load(value);
  expect(config).toMatchObject({ healthcheckUrl: undefined });
  expect(warnings).toEqual([]);
});

test.each([
  ["https://hc-ping.com/your-uuid-here", "is a placeholder"],
  ["https://hc-ping.com/YOUR_UUID", "is a placeholder"],
  ["https://hc-ping.com/<uuid>", "is a placeholder"],
  ["https://hc-ping.com/UUID", "is a placeholder"],
  ["https://hc-ping.com/%3Cuuid%3E", "is a placeholder"],
  ["https://kuma.home.arpa/api/push/YOUR_PUSH_TOKEN", "is a placeholder"],
  ["https://kuma.example.com/api/push/aB3dE6gH9j", "is a placeholder"],
  ["YOUR_HEALTHCHECK_URL", "is a placeholder"],
  ["https://hc-ping.com/", "is incomplete"],
  ["https://kuma.home.arpa/api/push/", "is incomplete"],
  ["hc-ping.com/abc", "expected an https:// or http:// URL"],
  ["ftp://hc-ping.com/abc", "expected an https:// or http:// URL"],
  ["https://me:pass@hc-ping.com/abcdefgh", "expected an https:// or http:// URL"],
  [`https://hc-ping.com/${UUID} `.repeat(2), "expected an https:// or http:// URL"],
  [12345678, "expected the URL of a healthcheck, got a number"],
])("refused without being repeated: %j", async (value, problem) => {
  const folder = await configFolder({ api_keys: [KEY], healthcheck_url: value });
  const [line, ...more] = await folder.problems();
  expect(line).toContain(`config.json: healthcheck_url: ${problem}`);
  expect(line).not.toMatch(/arpa|example\.com|me:pass|12345678|5f0c1a7e/);
  expect(more).toEqual([]);
});

test("what works without accounts is not kept from it by a wrong healthcheck", async () => {
  const folder = await configFolder({ healthcheck_url: "nonsense" });
  expect((await folder.load({ keysRequired: false })).config).toMatchObject({ healthcheckUrl: undefined });
});

test.each(["en", "fr"])("language: %s", async (language) => {
  const folder = await configFolder({ api_keys: [KEY], language });
  expect((await folder.load()).config.language).toBe(language);
});

test("another language is refused", async () => {
  const folder = await configFolder({ api_keys: [KEY], language: "de" });
  expect(await folder.problems()).toEqual(['config.json: language: expected "en" or "fr", got "de"']);
});
