import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";
import { ARR_KEY, startSmallArr } from "../support/small-arr.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const server = (url: string, name = "sonarr") => ({ name, url, api_key: ARR_KEY });

async function arrFindings(machine: Machine, arrs: readonly object[]) {
  await machine.configure({ arrs });
  const { code, stdout } = await machine.run(["check", "--json"]);
  expect(stdout).not.toContain(ARR_KEY);
  const { checks } = JSON.parse(stdout) as { checks: { name: string; result: string }[] };
  return { code, found: checks.filter(({ name }) => name === "arr") };
}

describe("check", () => {
  test("says which version accepts the key, and changes nothing", async ({ machine }) => {
    const [sonarr, radarr] = [await startSmallArr(), await startSmallArr({ appName: "Radarr" })];
    await machine.configure({ arrs: [server(sonarr.url), server(`${radarr.url}/`, "films")] });
    const before = await snapshotFolder(machine.home);
    const { stdout } = await machine.run(["check"]);
    expect(stdout).toMatch(
      /✓ arr +sonarr: Sonarr 4\.0\.15\.2941 accepts the key; after a failure it searches again\n/,
    );
    expect(stdout).toMatch(/✓ arr +films: Radarr 4\.0\.15\.2941 accepts the key; /);
    expect(sonarr.requests).toEqual(["GET /api/v3/system/status", "GET /api/v3/config/downloadclient"]);
    expect(await snapshotFolder(machine.home)).toEqual(before);
  });

  test.for([
    [{ searches: false }, "automatic search is off there", '"Redownload Failed" ('],
    [{ searches: false, searchesInteractive: false }, "search is off there", '"Redownload Failed" ('],
    [
      { searchesInteractive: false },
      "off for what was picked in the interactive search",
      '"Redownload Failed from Interactive Search" (',
    ],
  ] as const)("warns of automatic search that is off: %j", async ([says, what, setting], { machine }) => {
    const { url } = await startSmallArr(says);
    const { found } = await arrFindings(machine, [server(url)]);
    expect(found).toEqual([
      {
        name: "arr",
        result: "warning",
        message: expect.stringContaining(what),
        remedy: expect.stringMatching(/its Settings, Download Clients, Failed Download Handling\)$/),
      },
    ]);
    expect(found).toMatchObject([{ remedy: expect.stringContaining(`turn on ${setting}`) }]);
  });

  test.for([
    [
      "another program",
      { appName: "Whisparr" },
      "sonarr is Whisparr, and only Sonarr and Radarr can be told: remove",
    ],
    [
      "a page",
      { instead: (_, response) => void response.end("<!doctype html>") },
      "did not respond as a Sonarr",
    ],
    ["JSON of something else", { instead: (_, response) => void response.end("{}") }, "did not respond as a"],
    [
      "no such address",
      { instead: (_, response) => void response.writeHead(404).end() },
      "base path included?",
    ],
    ["a start", { instead: (_, response) => void response.writeHead(503).end("{}") }, "sonarr is starting"],
    [
      "a sign-in portal",
      { instead: (_, response) => void response.writeHead(302, { location: "https://auth.example/" }).end() },
      "sonarr redirects elsewhere",
    ],
    [
      "another key",
      { instead: (_, response) => void response.writeHead(401).end() },
      "refuses the API key (401): copy",
    ],
  ] satisfies [string, Parameters<typeof startSmallArr>[0], string][])(
    "fails at %s, and says what to do",
    async ([, says, message], { machine }) => {
      const [bad, good] = [await startSmallArr(says), await startSmallArr()];
      const { code, found } = await arrFindings(machine, [server(bad.url), server(good.url, "other")]);
      expect(found).toMatchObject([
        { result: "failed", message: expect.stringContaining(message), remedy: expect.stringMatching(/./) },
        { result: "ok" },
      ]);
      expect(code).toBe(1);
    },
  );

  test("fails where nothing listens", async ({ machine }) => {
    // A port that was free may be another test's by now; this one only root can have.
    const { code, found } = await arrFindings(machine, [server("http://127.0.0.1:1")]);
    expect(found).toMatchObject([{ result: "failed", message: expect.stringContaining("ECONNREFUSED") }]);
    expect(code).toBe(1);
  });

  test("looks at servers that can be asked when another's entry is wrong", async ({ machine }) => {
    const { url } = await startSmallArr();
    const wrong = { name: "radarr", url: "http://nas:7878", api_key: "your key\nhere" };
    const { code, found } = await arrFindings(machine, [server(url), wrong]);
    expect(found).toMatchObject([{ result: "ok" }]);
    expect(code).toBe(1);
  });
});

/** Lets a sweep delete a magnet that the server is to be told of. */
async function deleteOne(machine: Machine, arrs: readonly object[], ...options: string[]) {
  const account = machine.alldebrid.account(MAIN_KEY);
  account.add({ filename: "Show.S01.1080p", life: neverRecovers(0) });
  await machine.configure({ max_retries: 1, arrs });
  return machine.run(["run-once", "--log-level", "DEBUG", ...options]);
}

describe("status", () => {
  const arrsOf = async (machine: Machine) =>
    JSON.parse((await machine.run(["status", "--json"])).stdout).arrs;

  test("has no word of servers where none is configured", async ({ machine }) => {
    expect(await arrsOf(machine)).toEqual([]);
    expect((await machine.run(["status"])).stdout).not.toContain("Sonarr");
  });

  test("shows when a server was last told what", async ({ machine }) => {
    const { url } = await startSmallArr({ records: [{ eventType: "grabbed" }] });
    await machine.configure({ arrs: [server(url)] });
    expect(await arrsOf(machine)).toEqual([{ name: "sonarr", waiting: 0, last_told: null }]);
    expect((await machine.run(["status"])).stdout).toContain("\n  sonarr: nothing waits; nothing told yet\n");

    await deleteOne(machine, [server(url)]);
    expect(await arrsOf(machine)).toEqual([
      {
        name: "sonarr",
        waiting: 0,
        last_told: { at: expect.stringMatching(/Z$/), filename: "Show.S01.1080p" },
      },
    ]);
    expect((await machine.run(["status"])).stdout).toContain(
      "\nSonarr and Radarr\n  sonarr: nothing waits; last told just now:\n    Show.S01.1080p\n",
    );
  });

  test("shows what waits, also for a server that is no longer configured", async ({ machine }) => {
    const { url, close } = await startSmallArr();
    close();
    await deleteOne(machine, [server(url), server(`${url}/films`, "radarr")]);
    const waiting = (name: string) => ({ name, waiting: 1, last_told: null });
    expect(await arrsOf(machine)).toEqual([waiting("sonarr"), waiting("radarr")]);
    await machine.configure({ arrs: [server(url)] });
    expect(await arrsOf(machine)).toEqual([waiting("sonarr"), waiting("radarr (no longer configured)")]);
    expect((await machine.run(["status"])).stdout).toContain(
      "  sonarr: 1 to be told; nothing told yet\n" +
        "  radarr (no longer configured): 1 to be told; nothing told yet\n",
    );
  });

  test.for([
    [{ name: "sonarr", url: "http://nas", api_key: "YOUR_API_KEY" }],
    [{ name: "sonarr", url: "http://nas", api_key_file: "missing" }],
    [{ name: "sonarr" }],
    "sonarr",
  ])(
    "needs no valid entry, and says of none that it is no longer configured: %j",
    async (arrs, { machine }) => {
      const { url, close } = await startSmallArr();
      close();
      await deleteOne(machine, [server(url)]);
      await machine.configure({ arrs });
      const { code, stdout } = await machine.run(["status", "--json"]);
      expect(code).toBe(0);
      expect(JSON.parse(stdout).arrs).toEqual([{ name: "sonarr", waiting: 1, last_told: null }]);
    },
  );
});

describe("a dry run", () => {
  test.for([
    [{}, "sonarr would be told that Show.S01.1080p failed, and would search again"],
    [{ searches: false }, "sonarr would be told that Show.S01.1080p failed; automatic search is off there"],
    [{ records: [] }, undefined],
    [{ records: [{ eventType: "grabbed" }, { eventType: "downloadFailed" }] }, undefined],
    [
      { records: [{ eventType: "grabbed" }, { eventType: "downloadFolderImported" }] },
      "sonarr would be told that Show.S01.1080p failed; it would keep its file until something better comes",
    ],
  ] satisfies [Parameters<typeof startSmallArr>[0], string | undefined][])(
    "shows what a server would be told, and tells it nothing: %j",
    async ([says, line], { machine }) => {
      const { url, requests } = await startSmallArr({ records: [{ eventType: "grabbed" }], ...says });
      const account = machine.alldebrid.account(MAIN_KEY);
      account.add({ filename: "Show.S01.1080p", life: neverRecovers(0) });
      await machine.configure({ max_retries: 2 });
      await machine.run(["run-once"]);
      await machine.configure({ max_retries: 2, arrs: [server(url)] });
      const before = await snapshotFolder(machine.home);
      const { code, stdout } = await machine.run(["run-once", "--dry-run"]);
      expect(code).toBe(0);
      if (line === undefined) expect(stdout).not.toContain("would be told");
      else expect(stdout).toContain(`${line}\n`);
      expect(requests.filter((request) => !request.startsWith("GET "))).toEqual([]);
      expect(await snapshotFolder(machine.home)).toEqual(before);
    },
  );
});

test("a refused key is exit code 3 in a dry run, too", async ({ machine }) => {
  const { url } = await startSmallArr({ instead: (_, response) => void response.writeHead(401).end() });
  const { code, stdout, stderr } = await deleteOne(machine, [server(url)], "--dry-run");
  expect(code).toBe(3);
  expect(stderr).toContain("sonarr refuses the API key (401)");
  expect(stdout).toContain("Something needs attention");
});

test("after SIGTERM a server is asked nothing more, and told later", async ({ machine }) => {
  const sonarr = await startSmallArr({ records: [{ eventType: "grabbed" }] });
  sonarr.isStarting = true;
  await deleteOne(machine, [server(sonarr.url)]);
  sonarr.isStarting = false;
  sonarr.requests.length = 0;
  sonarr.delayMs = 2000;
  const received = sonarr.received();
  const run = machine.start(["run-once"]);
  await received;
  run.kill("SIGTERM");
  const { code, stderr } = await run.finished;
  expect([code, sonarr.requests]).toEqual([143, ["GET /api/v3/system/status"]]);
  expect(stderr).toContain("what it is to be told waits for the next sweep");
  sonarr.delayMs = 0;
  await machine.run(["run-once"]);
  expect(sonarr.requests.at(-1)).toBe("POST /api/v3/history/failed/0");
});

test("a server that can't be reached is announced, and that it works again, though nothing waits by then", async ({
  machine,
}) => {
  const sonarr = await startSmallArr({ records: [{ eventType: "grabbed" }] });
  sonarr.isStarting = true;
  const titles = () => machine.discord.messages.flatMap(({ embeds }) => embeds.map(({ title }) => title));
  expect((await deleteOne(machine, [server(sonarr.url)])).code).toBe(0);
  expect(titles()).toEqual(["Deleted: Show.S01.1080p"]);
  const { stderr } = await machine.run(["run-once"]);
  expect(stderr).toContain("sonarr: it stopped working: sonarr is starting (503)\n");
  expect(titles().slice(1)).toEqual(["sonarr can't be reached"]);
  expect(JSON.stringify(machine.discord.messages.at(-1))).not.toContain("AllDebrid's code");

  sonarr.isStarting = false;
  await machine.run(["run-once"]);
  expect(sonarr.requests.filter((request) => request.startsWith("POST"))).toHaveLength(1);
  await machine.run(["run-once"]);
  expect(titles().slice(2)).toEqual(["sonarr works again"]);
  const asked = sonarr.requests.length;
  await machine.run(["run-once"]);
  expect(sonarr.requests).toHaveLength(asked);
});
