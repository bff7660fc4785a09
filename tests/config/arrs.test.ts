import { describe, expect, test } from "vitest";
import { configFolder, KEY } from "./config-folder.ts";

const ARR_KEY = "0123456789abcdef0123456789abcdef";
const OTHER_KEY = "fedcba9876543210fedcba9876543210";
const URL_EXPECTED =
  "expected the URL of a Sonarr or Radarr, such as http://127.0.0.1:8989 or http://nas:7878/radarr, without user name, password, ? or #";
const COPY = "copy the API key from the server's Settings, General";
const HTTP_WARNING =
  "is plain http: anyone on the network between can read the API key; use https if you can";
const NEED_HTTPS = "must start with https://: plain http is for hosts on your own network";
const TO_API = "leads to the API: write the URL of the server's start page, without /api";
const SHOWN = "contains what looks like a key, and names are shown: choose another name";
const NAME = "expected a name of at most 64 characters on one line";
const ENTRY = 'expected {"name": "sonarr", "url": "http://127.0.0.1:8989", "api_key": "…"}';

const server = (given: object = {}) => ({
  name: "sonarr",
  url: "http://127.0.0.1:8989",
  api_key: ARR_KEY,
  ...given,
});
const withArrs = (...arrs: unknown[]) => configFolder({ api_keys: [KEY], arrs });

describe("a URL is taken as the browser shows it", () => {
  test.each([
    ["http://127.0.0.1:8989", "http://127.0.0.1:8989"],
    ["http://127.0.0.1:8989/", "http://127.0.0.1:8989"],
    [" http://localhost:8989/sonarr// ", "http://localhost:8989/sonarr"],
    ["http://[::1]:8989", "http://[::1]:8989"],
    ["HTTPS://Sonarr.Example.org/tv/", "https://sonarr.example.org/tv"],
    ["https://nas.lan:443", "https://nas.lan"],
    ["https://example.org/apis", "https://example.org/apis"],
  ])("%s", async (url, expected) => {
    const { config, warnings } = await (await withArrs(server({ url }))).load();
    expect(config.arrs).toEqual([{ name: "sonarr", url: expected, key: ARR_KEY }]);
    expect(warnings).toEqual([]);
  });

  test.each([
    "http://192.168.1.5:8989",
    "http://10.0.0.2",
    "http://172.31.0.1",
    "http://100.64.0.1",
    "http://169.254.1.1",
    "http://[fd00::5]:8989",
    "http://nas:7878/radarr",
    "http://nas.local:7878",
  ])("plain http on one's own network draws a warning: %s", async (url) => {
    const { config, warnings } = await (await withArrs(server({ url }))).load();
    expect(config.arrs).toHaveLength(1);
    expect(warnings).toEqual([`config.json: arrs: entry 1, url: ${HTTP_WARNING}`]);
  });

  test.each([
    ...["http://sonarr.example.org", "http://8.8.8.8:8989", "http://172.32.0.1", "http://[2001:db8::1]"].map(
      (url) => [url, NEED_HTTPS],
    ),
    ...["http://nas/api", "http://nas/api/", "http://nas/tv/api/v3", "http://nas/api/v3/system/status"].map(
      (url) => [url, TO_API],
    ),
    ...[
      "127.0.0.1:8989",
      "nas:8989",
      "localhost:8989/sonarr",
      "nas",
      "",
      "ftp://nas",
      "http://me:secret@nas:8989",
      `http://nas:8989/?apikey=${ARR_KEY}`,
      "http://nas:8989/#top",
      "http://na s",
      "http://",
      "http://YOUR_HOST:8989",
    ].map((url) => [url, URL_EXPECTED]),
  ])("%j is refused", async (url, line) => {
    expect(await (await withArrs(server({ url }))).problems()).toEqual([
      `config.json: arrs: entry 1, url: ${line}`,
    ]);
  });
});

describe("a key", () => {
  test("may be in a file, of which others are kept out", async () => {
    const folder = await withArrs(server({ api_key: undefined, api_key_file: "keys/sonarr" }));
    await folder.write("keys/sonarr", `${ARR_KEY}\n`);
    expect((await folder.load()).config.arrs).toMatchObject([{ key: ARR_KEY }]);
    const file = await folder.write("keys/sonarr", ARR_KEY, 0o644);
    expect((await folder.load()).warnings).toEqual([
      `config.json: arrs: entry 1, api_key_file: every user on this machine can open it: run chmod o= ${file}`,
    ]);
  });

  test.each([
    [{ api_key: undefined }, `arrs: entry 1: expected api_key or api_key_file, got neither: ${COPY}`],
    [
      { api_key_file: "key" },
      "arrs: entry 1, api_key_file: api_key is set as well: keep only one of the two",
    ],
    [{ api_key: "" }, `arrs: entry 1, api_key: is empty: ${COPY}`],
    ...["YOUR_API_KEY", "xxxxxxxx", "<key>", "$" + "{SONARR_KEY}", "changeme"].map((api_key) => [
      { api_key },
      `arrs: entry 1, api_key: is a placeholder: ${COPY}`,
    ]),
    ...[`"${ARR_KEY}"`, `${ARR_KEY} x`, `${ARR_KEY}\n${ARR_KEY}`, `${ARR_KEY}é`, "a".repeat(513)].map(
      (api_key) => [
        { api_key },
        `arrs: entry 1, api_key: can't be a key, which is letters and digits: ${COPY}`,
      ],
    ),
    [{ api_key: 5 }, "arrs: entry 1, api_key: expected a key, got a number"],
    [
      { api_key: undefined, api_key_file: "~/missing" },
      "arrs: entry 1, api_key_file: the file can't be read: there is no such file",
    ],
    [
      { api_key: undefined, api_key_file: "$HOME/key" },
      "arrs: entry 1, api_key_file: expected a path, got one with a variable that nothing expands here: write it out",
    ],
  ] as [object, string][])("%j", async (given, line) => {
    const folder = await withArrs(server(given), server({ name: "radarr", url: "https://radarr" }));
    const problems = await folder.problems();
    expect(problems).toEqual([`config.json: ${line}`]);
    // What goes on without it, such as `check`, has the other alone.
    const { config } = await folder.load({ keysRequired: false });
    expect(config.arrs.map(({ name }) => name)).toEqual(["radarr"]);
    expect(config.allArrsRead).toBe(false);
  });
});

describe("a name", () => {
  test.each([
    [ARR_KEY, SHOWN],
    [`my ${OTHER_KEY}`, SHOWN],
    [KEY, SHOWN],
  ])("that looks like a key is refused: %s", async (name, line) => {
    expect(await (await withArrs(server({ name }))).problems()).toEqual([
      `config.json: arrs: entry 1, name: ${line}`,
    ]);
  });

  test.each(["", "  ", "a\nb", "x".repeat(65), 5])("that can't be shown is refused: %j", async (name) => {
    const problems = await (await withArrs(server({ name }))).problems();
    expect(problems).toEqual([expect.stringContaining(`config.json: arrs: entry 1, name: ${NAME}, got `)]);
  });

  test("is used for one server only, and so is a URL", async () => {
    const same = [
      server(),
      server({ url: "http://localhost:1" }),
      server({ name: "b", url: "http://127.0.0.1:8989/" }),
    ];
    expect(await (await withArrs(...same)).problems()).toEqual([
      "config.json: arrs: entry 2, name: is the name of another server: give each its own name",
      "config.json: arrs: entry 3, url: is the URL of another server: list each server once",
    ]);
    // Also where the other can't be used.
    const wrong = [server({ api_key: "" }), server()];
    expect(await (await withArrs(...wrong)).problems()).toHaveLength(3);
  });
});

test.each([
  ["sonarr", 'arrs: expected a list of servers, [{"name": …, "url": …, "api_key": …}], got a string'],
  [server(), 'arrs: expected a list of servers, [{"name": …, "url": …, "api_key": …}], got an object'],
  [["http://nas"], `arrs: entry 1: ${ENTRY}, got a string`],
  [[null], `arrs: entry 1: ${ENTRY}, got null`],
  [[[]], `arrs: entry 1: ${ENTRY}, got a list`],
  [[server({ apikey: "x" })], "arrs: entry 1, apikey: unknown key (did you mean api_key?)"],
  [[server({ adress: "x" })], "arrs: entry 1, adress: unknown key (the closest known one is "],
  [[server({ name: undefined })], `arrs: entry 1, name: ${ENTRY}, got nothing`],
  [[server({ url: undefined })], `arrs: entry 1, url: ${ENTRY}, got nothing`],
  [[server({ url: 8989 })], "arrs: entry 1, url: expected the URL of the server, got a number"],
])("%j is refused", async (arrs, line) => {
  const problems = await (await configFolder({ api_keys: [KEY], arrs })).problems();
  expect(problems).toEqual([expect.stringContaining(`config.json: ${line}`)]);
});

test("all problems of all entries are shown at once", async () => {
  const problems = await (
    await withArrs({ name: 5 }, server({ api_key: "" }), "x", server({ name: "b", url: "nas" }))
  ).problems();
  expect(problems.map((line) => line.replace(/^config\.json: arrs: (entry \d(, \w+)?): .*$/, "$1"))).toEqual([
    "entry 1, name",
    "entry 1, url",
    "entry 3",
    "entry 2, api_key",
    "entry 4, url",
  ]);
});

test("comments are allowed, and none is configured without the key", async () => {
  const folder = await withArrs({ ...server(), _comment: "the one in the cellar" });
  expect((await folder.load()).config.arrs).toHaveLength(1);
  const { config } = await (await configFolder({ api_keys: [KEY] })).load();
  expect([config.arrs, config.allArrsRead]).toEqual([[], true]);
});

const CANARY = "S3cr3tC4n4ryK3y00001";

test.each([
  [server({ api_key: `${CANARY} x` })],
  [server({ name: CANARY })],
  [server({ name: CANARY, api_key: CANARY })],
  [server({ url: `http://nas/?apikey=${CANARY}` })],
  [server({ url: `http://${CANARY}@nas` })],
  [server({ url: `http://nas/${CANARY}/api` })],
  [server({ url: CANARY })],
  [server({ api_key_file: CANARY })],
  [server({ api_key: undefined, api_key_file: CANARY })],
  [server({ api_key: { [CANARY]: CANARY } })],
  [server({ [CANARY]: CANARY })],
  [CANARY],
  CANARY,
  { [CANARY]: CANARY },
])("no problem shows a secret: %j", async (arrs) => {
  const folder = await configFolder({ api_keys: [KEY], arrs });
  const problems = await folder.problems();
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join()).not.toContain(CANARY);
});
