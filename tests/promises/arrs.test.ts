import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import type { ArrSandbox } from "../../examples/sandbox/arr.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { addDue, entryOf, test } from "../support/arrs.ts";
import { MAIN_KEY, type Machine } from "../support/machine.ts";

/** One sweep that deletes what fails; no output holds a server's key. */
async function sweep(machine: Machine, arrs: readonly ArrSandbox[], ...args: string[]) {
  await machine.configure({
    max_retries: 1,
    arrs: arrs.map((arr, i) => entryOf(arr, `server ${i + 1}`)),
  });
  const { code, stdout, stderr } = await machine.run(["run-once", "--json", ...args]);
  for (const { key } of arrs) expect(stdout + stderr).not.toContain(key);
  const { magnets } = JSON.parse(stdout) as { magnets: { id: string; arrs?: unknown }[] };
  return { code, stderr, magnets };
}

/** What Discord shows of a server: its field in each embed that has it. */
const shown = ({ discord }: Machine, name = "server 1") =>
  discord.embeds
    .flatMap(({ fields = [] }) => fields.filter((field) => field.name === name))
    .map(({ value }) => value);
const titles = ({ discord }: Machine) => discord.embeds.map(({ title }) => title);
const waiting = async (machine: Machine): Promise<string[]> =>
  (await machine.readState("arrs.json")).pending.map(
    ({ id, server }: { id: string; server: string }) => `${id} ${server}`,
  );

describe.concurrent("a recorded deletion", () => {
  test("is told to each server, once, with a line, a field and in --json", async ({
    machine,
    sonarr,
    radarr,
  }) => {
    const magnet = addDue(machine, [sonarr], [1, 2, 3]);
    radarr.grabbed({ hash: magnet.hash ?? "", items: [7, 8] });
    radarr.imported({ hash: magnet.hash ?? "", items: [7, 8] });
    const { code, stderr, magnets } = await sweep(machine, [sonarr, radarr]);
    expect(code).toBe(0);
    expect(magnets).toMatchObject([{ id: String(magnet.id), action: "deleted" }]);
    expect(magnets[0]?.arrs).toEqual(
      expect.arrayContaining([
        { name: "server 1", outcome: "searches" },
        { name: "server 2", outcome: "keeps" },
      ]),
    );
    expect(stderr).toMatch(/server 1: .*: marked as failed, searches again/);
    expect(shown(machine)).toEqual(["marked as failed, searches again"]);
    expect(shown(machine, "server 2")).toEqual([
      "marked as failed; it keeps its file until something better comes",
    ]);
    await sweep(machine, [sonarr, radarr]);
    // Sonarr once a hash, Radarr once a movie.
    expect(sonarr.marked).toEqual([{ hash: magnet.hash, items: [1, 2, 3] }]);
    expect(radarr.marked.flatMap(({ items }) => items).sort()).toEqual([7, 8]);
    expect(await waiting(machine)).toEqual([]);
  });

  test("with automatic search off is said to be so", async ({ machine, sonarr }) => {
    sonarr.settings.autoRedownloadFailed = false;
    addDue(machine, [sonarr]);
    expect((await sweep(machine, [sonarr])).code).toBe(0);
    expect(shown(machine)).toEqual(["marked as failed; automatic search is off there"]);
    expect(sonarr.searches).toEqual([]);
  });

  test("that no server grabbed, or whose hash is not known, changes nothing there", async ({
    machine,
    sonarr,
  }) => {
    addDue(machine, []);
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(0), hash: null });
    expect((await sweep(machine, [sonarr])).code).toBe(0);
    expect(machine.discord.embeds).toHaveLength(2);
    expect(shown(machine)).toEqual([]);
    expect(sonarr.requestsTo("history")).toHaveLength(1);
    expect([sonarr.marked, await waiting(machine)]).toEqual([[], []]);
  });

  test("from before a server was configured is not told", async ({ machine, sonarr }) => {
    addDue(machine, [sonarr]);
    await sweep(machine, []);
    await sweep(machine, [sonarr]);
    expect(sonarr.requests).toEqual([]);
  });

  test("that is only due is told in a dry run, and nothing is changed", async ({ machine, sonarr }) => {
    addDue(machine, [sonarr]);
    const { magnets } = await sweep(machine, [sonarr], "--dry-run");
    expect(magnets).toMatchObject([{ arrs: [{ name: "server 1", outcome: "searches" }] }]);
    const { stdout } = await machine.run(["run-once", "--dry-run"]);
    expect(stdout).toMatch(/server 1 would be told that .* failed, and would search again/);
    expect([sonarr.marked, machine.discord.embeds]).toEqual([[], []]);
    await expect(waiting(machine)).rejects.toThrow("ENOENT");
  });

  test("is told although Discord is not configured", async ({ machine, sonarr }) => {
    const magnet = addDue(machine, [sonarr]);
    await machine.configure({
      max_retries: 1,
      discord_webhook_url: null,
      arrs: [entryOf(sonarr, "server 1")],
    });
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(sonarr.marked.map(({ hash }) => hash)).toEqual([magnet.hash]);
  });
});

describe.concurrent("a server in trouble", () => {
  test.for(["down", "starting", "database-locked", "html"] as const)(
    "%s: the deletion is done and announced, and told later, with exit code 0",
    async (mode, { machine, sonarr }) => {
      const magnet = addDue(machine, [sonarr]);
      sonarr.mode = mode;
      const first = await sweep(machine, [sonarr]);
      expect([first.code, first.magnets]).toMatchObject([0, [{ arrs: [{ outcome: "later" }] }]]);
      expect(machine.alldebrid.account(MAIN_KEY).deletions).toHaveLength(1);
      expect(shown(machine)).toEqual(["not reached, will be told later"]);
      expect(await waiting(machine)).toEqual([`${magnet.id} server 1`]);
      expect(titles(machine)).toHaveLength(1);
      expect((await sweep(machine, [sonarr])).code).toBe(0);
      expect(titles(machine).slice(1)).toEqual(["server 1 can't be reached"]);
      sonarr.mode = "ok";
      await sweep(machine, [sonarr]);
      expect(sonarr.marked).toHaveLength(1);
      expect(titles(machine)).toHaveLength(2);
      // Its end is announced after two sweeps, though nothing waits any more.
      await sweep(machine, [sonarr]);
      expect(titles(machine).slice(2)).toEqual(["server 1 works again"]);
      expect(JSON.stringify(machine.discord.embeds.slice(1))).not.toMatch(/account|AllDebrid/i);
      const before = sonarr.requests.length;
      await sweep(machine, [sonarr]);
      expect(sonarr.requests).toHaveLength(before);
    },
  );

  test("a refused key is exit code 3, and announced by its second sweep", async ({ machine, sonarr }) => {
    const { key } = sonarr;
    addDue(machine, [sonarr]);
    await machine.configure({ max_retries: 1, arrs: [entryOf(sonarr, "server 1")] });
    sonarr.key = "another";
    for (const expected of [1, 2]) {
      const { code, stderr } = await machine.run(["run-once"]);
      expect(code).toBe(3);
      expect(stderr).toContain("server 1 refuses the API key (401)");
      expect(stderr).not.toContain(key);
      expect(titles(machine)).toHaveLength(expected);
    }
    expect(titles(machine).at(-1)).toBe("server 1 refuses the API key");
    expect(JSON.stringify(machine.discord.embeds)).not.toContain(key);
    sonarr.key = key;
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(sonarr.marked).toHaveLength(1);
  });

  test("an embed that waits says what is true when it goes out", async ({ machine, sonarr }) => {
    addDue(machine, [sonarr]);
    sonarr.mode = "down";
    machine.discord.mode = "server-error";
    await sweep(machine, [sonarr]);
    sonarr.mode = "ok";
    machine.discord.mode = "ok";
    await sweep(machine, [sonarr]);
    expect(shown(machine)).toEqual(["marked as failed, searches again"]);
  });

  test("an embed says nothing of what a sweep that died has told", async ({ machine, sonarr }) => {
    addDue(machine, [sonarr]);
    sonarr.mode = "down";
    machine.discord.mode = "server-error";
    await sweep(machine, [sonarr]);
    await machine.write(".local/state/magnets/arrs.json", { version: 1, pending: [], servers: {} });
    machine.discord.mode = "ok";
    await sweep(machine, [sonarr]);
    expect([titles(machine).length, shown(machine)]).toEqual([1, []]);
  });

  test("more than ten wait their turn, the oldest first", async ({ machine, sonarr }) => {
    const due = Array.from({ length: 12 }, () => addDue(machine, [sonarr]).hash);
    await sweep(machine, [sonarr]);
    expect(sonarr.marked).toHaveLength(10);
    await sweep(machine, [sonarr]);
    expect(sonarr.marked.map(({ hash }) => hash).sort()).toEqual(due.sort());
  });
});

describe.concurrent("what waits is dropped, with a line", () => {
  test("when magnets restore has added it again", async ({ machine, sonarr }) => {
    const magnet = addDue(machine, [sonarr]);
    sonarr.mode = "down";
    await sweep(machine, [sonarr]);
    expect((await machine.run(["restore", String(magnet.id)])).code).toBe(0);
    sonarr.mode = "ok";
    expect((await sweep(machine, [sonarr])).stderr).toContain("is not reported as failed: it was restored");
    expect([sonarr.marked, await waiting(machine)]).toEqual([[], []]);
    // A deletion after that is told.
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(0), hash: magnet.hash });
    await sweep(machine, [sonarr]);
    expect(sonarr.marked).toHaveLength(1);
  });

  test("when its server is no longer configured", async ({ machine, sonarr }) => {
    addDue(machine, [sonarr]);
    sonarr.mode = "down";
    await sweep(machine, [sonarr]);
    sonarr.mode = "ok";
    const { stderr } = await sweep(machine, []);
    expect(stderr).toContain("is not reported as failed: that server is no longer configured");
    await sweep(machine, [sonarr]);
    expect([sonarr.marked, await waiting(machine)]).toEqual([[], []]);
  });

  test("when it could not be reported for a week, as an error", async ({ machine, sonarr }) => {
    addDue(machine, [sonarr]);
    sonarr.mode = "down";
    await sweep(machine, [sonarr]);
    const state = await machine.readState("arrs.json");
    const daysAgo = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();
    state.pending[0].deleted_at = daysAgo(8.5);
    await writeFile(join(machine.state, "arrs.json"), JSON.stringify(state));
    await sweep(machine, [sonarr]);
    const again = await machine.readState("arrs.json");
    expect(again.pending).toHaveLength(1);
    again.pending[0].past_limit = daysAgo(1);
    await writeFile(join(machine.state, "arrs.json"), JSON.stringify(again));
    const { stderr } = await sweep(machine, [sonarr]);
    expect(stderr).toMatch(/ERROR server 1: .* could not be reported for a week and is given up/);
    expect(await waiting(machine)).toEqual([]);
  });
});

describe.concurrent("a sweep that is killed", () => {
  test.for([
    ["before it asked", "status", false],
    ["before its request was carried out", "failed", false],
    ["after its request was carried out", "failed", true],
  ] as const)("%s: told once by the next", async ([, endpoint, act], { machine, sonarr }) => {
    const magnet = addDue(machine, [sonarr]);
    await machine.configure({ max_retries: 1, arrs: [entryOf(sonarr, "server 1")] });
    const fault = sonarr.fault(endpoint, { kind: "no-header" }, { act });
    const run = machine.start(["run-once"]);
    await sonarr.seen(endpoint);
    run.kill("SIGKILL");
    await run.finished;
    fault.remove();
    // The next sweep takes the minute since the last sign of life as used up.
    await rm(join(machine.state, "running.json"));
    expect(await machine.readDeletions()).toHaveLength(1);
    expect(await waiting(machine)).toEqual([`${magnet.id} server 1`]);
    await sweep(machine, [sonarr]);
    expect(sonarr.marked).toHaveLength(1);
    expect(await waiting(machine)).toEqual([]);
    expect(shown(machine)).toEqual([
      act ? "was marked as failed already" : "marked as failed, searches again",
    ]);
  });
});
