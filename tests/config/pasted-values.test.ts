import { describe, expect, test } from "vitest";
import { configFolder, KEY, WEBHOOK } from "./config-folder.ts";

const OTHER = "zY9xW8vU7tS6rQ5pO4nM";

describe("what can't be a key is named for what it looks like, and not used", () => {
  const rows: [what: string, ...keys: string[]][] = [
    ["is in quotes", `"${KEY}"`, `'${KEY}'`, `\`${KEY}\``, `${KEY}"`, `"${KEY}`],
    ["looks like JSON", `["${KEY}"]`, `["${KEY}", "${OTHER}"]`, `{"name": "a", "key": "${KEY}"}`],
    ["looks like several keys", ...[",", ", ", ";", "|", " ", "\n", "\t"].map((by) => `${KEY}${by}${OTHER}`)],
    ["looks like a piece of a list", `${KEY},`, `,${KEY}`, `${KEY};`],
    ["looks like a name and a key", `MAGNETS_API_KEYS=${KEY}`, `main: ${KEY}`, `key = ${KEY}`, `main:${KEY}`],
    ["begins with a word that is not part", `Bearer ${KEY}`],
    [
      "looks like a path",
      "/run/secrets/alldebrid",
      "~/key",
      "./key",
      "keys/main",
      "alldebrid.txt",
      "C:\\key",
    ],
    ["looks like a mail address", "me@example.org"],
    ["looks like a URL", "https://alldebrid.com/apikeys", "www.alldebrid.com", "alldebrid.com/apikeys"],
    ["looks like a magnet link", `magnet:?xt=urn:btih:${"a".repeat(40)}`],
    ["looks like a Discord webhook", WEBHOOK],
    ["looks like a comment", `#${KEY}`, "# my key"],
    [
      "looks like a variable that nothing has replaced",
      ...["{KEY}", "{ALLDEBRID_KEY:-}"].map((name) => `$${name}`),
      ...["$KEY", "$(cat key)", "%KEY%", "%d/key", "{{ key }}", "!secret alldebrid", "<%= key %>", "@KEY@"],
    ],
    ["is a placeholder", "VOTRE_CLE_API_1", "your-alldebrid-api-key", "INSERT_KEY_HERE", "api_key", "null"],
    ["contains", `${KEY} x`, `${KEY}(1)`, `${KEY}!`, `${KEY}é`],
  ];
  const table = rows.flatMap(([what, ...keys]) => keys.map((key) => [key, what] as const));

  test.each(table)("%j %s", async (key, what) => {
    const folder = await configFolder({ api_keys: [key, OTHER] });
    const problems = await folder.problems();
    expect(problems).toEqual([expect.stringContaining(`config.json: api_keys: key 1 ${what}`)]);
    expect(problems.join()).not.toContain(KEY);
    // What goes on without it, such as `check`, has the other alone.
    const { config } = await folder.load({ keysRequired: false });
    expect(config.accounts.map((account) => account.key)).toEqual([OTHER]);
  });

  test("many of them with something else at the end, in no time", async () => {
    const folder = await configFolder({ api_keys: [`${`${KEY}\r\n`.repeat(100)}=`] });
    expect(await folder.problems()).toEqual([
      expect.stringContaining("key 1 contains a space or a line break"),
    ]);
  });

  test.each([KEY, "short", "token", "with-hyphen_and.dot", "a".repeat(512)])("%s may be one", async (key) => {
    const folder = await configFolder({ api_keys: [key] });
    expect((await folder.load()).config.accounts).toHaveLength(1);
  });
});

test.each([KEY, `my ${KEY}`, "abcdefghij0123456789"])("a name that looks like a key: %s", async (name) => {
  const line =
    "api_keys: key 1, name: contains what looks like a key, and names are shown: choose another name";
  for (const entry of [
    { name, key: OTHER },
    { name, key: "main" },
  ]) {
    const folder = await configFolder({ api_keys: [entry] });
    expect(await folder.problems()).toEqual([`config.json: ${line}`]);
  }
});

test("a name that is the key itself, however short", async () => {
  const folder = await configFolder({ api_keys: [{ name: "short", key: "short" }] });
  expect(await folder.problems()).toEqual([
    expect.stringContaining("key 1, name: contains what looks like a key"),
  ]);
});

test.each(["Living room", "the-account-of-my-brother", "Vacances2024", "accountofmybrother"])(
  "a name that does not: %s",
  async (name) => {
    const folder = await configFolder({ api_keys: [{ name, key: OTHER }] });
    expect((await folder.load()).config.accounts[0]?.name).toBe(name);
  },
);

describe("a webhook", () => {
  const digits = "?thread_id= and the thread's id, which is digits (Discord: Copy Thread ID)";
  const ignored = (name: string) => `has ${name} for a thread, which Discord ignores: write ${digits}`;

  test.each([
    [`"${WEBHOOK}"`, "is in quotes or brackets: write the URL alone"],
    [`'${WEBHOOK}'`, "is in quotes or brackets: write the URL alone"],
    [`<${WEBHOOK}>`, "is in quotes or brackets: write the URL alone"],
    [`[hook](${WEBHOOK})`, "is in quotes or brackets: write the URL alone"],
    [`${WEBHOOK}?thread=123`, ignored("thread=")],
    [`${WEBHOOK}?threadid=123`, ignored("threadid=")],
    [`${WEBHOOK}?thread-id=123&wait=true`, ignored("thread-id=")],
    [`${WEBHOOK}#thread_id=123`, ignored("a parameter")],
    [`${WEBHOOK}?thread_id:123`, ignored("a parameter")],
    [`${WEBHOOK}?thread_id=`, `expected one ${digits}`],
    [`${WEBHOOK}?thread_id=my-thread`, `expected one ${digits}`],
    [`${WEBHOOK}?thread_id=1&thread_id=2`, `expected one ${digits}`],
    ["http://127.0.0.1:1/hook?thread_id=x", `expected one ${digits}`],
    [`${WEBHOOK},${WEBHOOK}`, "expected https://discord.com/api/webhooks/<digits>/<token>"],
    [KEY, "expected https://discord.com/api/webhooks/<digits>/<token>"],
  ])("%s", async (discord_webhook_url, text) => {
    const folder = await configFolder({ api_keys: [KEY], discord_webhook_url });
    expect(await folder.problems()).toEqual([`config.json: discord_webhook_url: ${text}`]);
  });
});

test.each(["start", "fail", "log", "fail/", "Start"])(
  "a monitor's address pasted with /%s",
  async (suffix) => {
    const url = "https://hc-ping.com/5f0c1a7e-3b7d-4c55-9d0a-8e2b1c4d6f90";
    const folder = await configFolder({ api_keys: [KEY], healthcheck_url: `${url}/${suffix}?rid=1` });
    const { config, warnings } = await folder.load();
    expect(config.healthcheckUrl).toBe(`${url}?rid=1`);
    const shown = suffix.replace("/", "");
    expect(warnings).toEqual([
      `config.json: healthcheck_url: ends in /${shown}, which the program adds itself where it is due: remove it`,
    ]);
  },
);

const VARIABLE = "expected a path, got one with a variable that nothing expands here: write it out";

describe("a path that nothing here expands", () => {
  const table = [
    ["$HOME/magnets", VARIABLE],
    ["$STATE-dir/magnets", VARIABLE],
    ["/srv/$(hostname)", VARIABLE],
    ["%h/magnets", VARIABLE],
    ["%USERPROFILE%\\magnets", VARIABLE],
    ["{{ folder }}/magnets", VARIABLE],
    ["~bob/magnets", VARIABLE],
    ["C:\\magnets", "expected a path, got one of Windows"],
    ["d:/magnets", "expected a path, got one of Windows"],
    ["\\\\nas\\magnets", "expected a path, got one of Windows"],
    ["file:///srv/magnets", "expected a path, got a URL"],
    ["https://example.org/x", "expected a path, got a URL"],
    ['"/srv/magnets"', "expected a path, got one in quotes: remove them"],
  ] as const;

  test.each(table)("%s", async (path, text) => {
    const folder = await configFolder({
      api_keys: [{ key_file: path }, KEY],
      discord_webhook_url_file: path,
      state_dir: path,
    });
    expect([...(await folder.problems())].sort()).toEqual([
      `config.json: api_keys: key 1, key_file: ${text}`,
      `config.json: discord_webhook_url_file: ${text}`,
      `config.json: state_dir: ${text}`,
    ]);
    await folder.write("config.json", { api_keys: [KEY] });
    expect(await folder.problems({ env: { MAGNETS_STATE_DIR: path } })).toEqual([
      `MAGNETS_STATE_DIR: ${text}`,
    ]);
  });

  test.each(["/srv/100% full", "./a~b", "~/state", "état/a-b_c.d", "/srv/a:b"])(
    "%s is one that works",
    async (state_dir) => {
      const folder = await configFolder({ api_keys: [KEY], state_dir });
      expect((await folder.load()).config.stateDir).toMatch(/^\//);
    },
  );
});

test("max_deletes_per_run 0 is a warning: it is no limit, not none", async () => {
  const folder = await configFolder({ api_keys: [KEY], max_deletes_per_run: 0 });
  const { config, warnings } = await folder.load();
  expect(config.maxDeletes).toBe(0);
  expect(warnings).toEqual([expect.stringContaining("max_deletes_per_run: 0 is no limit")]);
  expect(warnings[0]).toContain('write "protect": ["*"]');
});
