import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import * as v from "valibot";
import { describe, expect } from "vitest";
import {
  filesRemoved,
  neverRecovers,
  recovers,
  refusesRestarts,
} from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

const HALF_AN_HOUR = 30 * 60_000;

const IsoTime = v.pipe(v.string(), v.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/));
const DigitString = v.pipe(v.string(), v.regex(/^\d+$/));

/** The document of `run-once --json`, to the letter. */
const ReportDocument = v.strictObject({
  version: v.literal(1),
  started_at: IsoTime,
  finished_at: IsoTime,
  dry_run: v.boolean(),
  exit_code: v.number(),
  accounts: v.array(v.strictObject({ name: v.string(), ok: v.boolean(), error: v.nullable(v.string()) })),
  magnets: v.array(
    v.strictObject({
      id: DigitString,
      account: v.string(),
      filename: v.nullable(v.string()),
      status: v.picklist(["expired", "error"]),
      fails: v.number(),
      max_retries: v.number(),
      action: v.picklist(["restarted", "deleted", "held", "failed", "forgotten"]),
      reason: v.string(),
      restarted: v.exactOptional(v.literal(true)),
      waits: v.exactOptional(v.picklist(["slot", "next sweep"])),
    }),
  ),
  pending_notifications: v.number(),
});

async function report({ run }: Machine, ...args: string[]) {
  const { code, stdout, stderr } = await run(["run-once", "--json", ...args]);
  const document = v.parse(ReportDocument, JSON.parse(stdout));
  expect(document.exit_code).toBe(code);
  return { code, document, stderr };
}

describe.concurrent("a sweep", () => {
  test("restarts, counts, deletes at the last sighting, announces and forgets", async ({ machine }) => {
    const { alldebrid, discord } = machine;
    await machine.configure({ max_retries: 2 });
    const lost = alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: "Lost.mkv" });
    const found = alldebrid.account(MAIN_KEY).add({ life: recovers(), filename: "Found.mkv" });

    const first = await machine.run(["run-once"]);
    expect(first).toMatchObject({ code: 0, signal: null });
    expect(first.stdout).toMatch(/^Sweep of 1 account in .* s: 2 restarted, 0 deleted\n$/);
    expect(await machine.readState("retry_counts.json")).toMatchObject({
      [lost.id]: { fails: 1, last_status: "error" },
      [found.id]: { fails: 1, last_status: "error" },
    });

    alldebrid.clock.advance(HALF_AN_HOUR);
    const second = await machine.run(["run-once"]);
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/0 restarted, 1 deleted, 1 forgotten\n$/);
    expect(await machine.readState("retry_counts.json")).toEqual({});
    expect(alldebrid.account(MAIN_KEY).deletions).toMatchObject([{ magnet: { id: lost.id }, by: "api" }]);
    expect(await machine.readDeletions()).toMatchObject([
      { id: String(lost.id), filename: "Lost.mkv", magnet: `magnet:?xt=urn:btih:${lost.hash}` },
    ]);
    expect(discord.embeds.map(({ title }) => title)).toEqual(["Deleted: Lost.mkv"]);
    expect(alldebrid.violations).toEqual([]);
  });

  test("by hand right after another stays within the limits of both together", async ({ machine }) => {
    await machine.configure({});
    for (let i = 0; i < 8; i++) expect((await machine.run(["run-once"])).code).toBe(0);
    expect(machine.alldebrid.peak.second).toBeLessThanOrEqual(12);
    expect(machine.alldebrid.requests.every(({ status }) => status === 200)).toBe(true);
  });

  test("reports as one JSON document, with nothing else on stdout", async ({ machine }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: { expired: 1, error: 3 }, protect: ["Kept*"] });
    const account = alldebrid.account(MAIN_KEY);
    const restarted = account.add({ life: neverRecovers(), filename: "Again\u001b[31m.mkv" });
    const held = account.add({ life: neverRecovers(5, filesRemoved), filename: "Kept.mkv" });
    const deleted = account.add({ life: neverRecovers(5, filesRemoved) });
    const failed = account.add({ life: refusesRestarts("GENERIC") });
    await machine.write(".local/state/magnets/retry_counts.json", {
      "1": { fails: 2, last_status: "error" },
    });

    const { code, document } = await report(machine);
    expect(code).toBe(0);
    expect(document).toMatchObject({ dry_run: false, pending_notifications: 0 });
    expect(document.accounts).toEqual([{ name: "main", ok: true, error: null }]);
    const by = (id: number) => document.magnets.find((magnet) => magnet.id === String(id));
    const common = { account: "main", fails: 1 };
    expect(by(restarted.id)).toMatchObject({ ...common, action: "restarted", max_retries: 3 });
    expect(by(restarted.id)?.filename).toBe("Again\u001b[31m.mkv");
    expect(by(held.id)).toMatchObject({
      ...common,
      action: "held",
      status: "expired",
      reason: expect.stringContaining("Kept*"),
    });
    expect(by(deleted.id)).toMatchObject({ ...common, action: "deleted", max_retries: 1 });
    expect(by(failed.id)).toMatchObject({
      ...common,
      action: "failed",
      reason: expect.stringContaining("GENERIC"),
    });
    expect(by(1)).toMatchObject({ action: "forgotten", fails: 2, filename: null });
    expect(document.magnets).toHaveLength(5);
  });

  test.for(["000", "022", "277", "777"])(
    "makes its folder 0700 and its files 0600 under umask %s",
    async (umask, { machine }) => {
      machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
      await machine.configure({ max_retries: 1 });
      const wrapper = ["sh", "-c", `umask ${umask}; exec "$@"`, "sh"];
      const state = join(machine.state, "made", "here");
      for (const args of [["run-once"], ["reset"]]) {
        expect((await machine.run([...args, "--state-dir", state], { wrapper })).code).toBe(0);
      }
      const modeOf = async (path: string) => (await stat(path)).mode & 0o777;
      expect([await modeOf(state), await modeOf(dirname(state))]).toEqual([0o700, 0o700]);
      const names = await readdir(state);
      const made = ["retry_counts.json", "retry_counts.json.bak", "deletions.jsonl", "sweeps.json", "lock"];
      expect(names).toEqual(expect.arrayContaining(made));
      for (const name of names) expect(await modeOf(join(state, name)), name).toBe(0o600);
    },
  );

  test("creates the counters even when nothing fails", async ({ machine }) => {
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(await machine.readState("retry_counts.json")).toEqual({});
  });

  test("counts a magnet once that two keys of one account show", async ({ machine }) => {
    const account = machine.alldebrid.addAccount({
      key: "ThirdKeyOfTheTests003",
      otherKeys: ["FourthKeyOfTheTests04"],
    });
    const magnet = account.add({ life: neverRecovers() });
    await machine.configure({ api_keys: ["ThirdKeyOfTheTests003", "FourthKeyOfTheTests04"] });
    await machine.run(["run-once"]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
    expect(magnet.restarts).toBe(1);
  });

  test("works without a webhook and queues nothing", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    await machine.configure({ max_retries: 1, discord_webhook_url: "" });
    const { code, document } = await report(machine);
    expect({ code, waiting: document.pending_notifications }).toEqual({ code: 0, waiting: 0 });
    expect(machine.discord.requests).toEqual([]);
  });
});

describe.concurrent("--max-deletes", () => {
  async function threeDue(machine: Machine) {
    await machine.configure({ max_retries: 1, max_deletes_per_run: 2 });
    const account = machine.alldebrid.account(MAIN_KEY);
    for (let i = 0; i < 3; i++) account.add({ life: neverRecovers() });
    return account;
  }

  test("is max_deletes_per_run unless given: none is deleted, the owner is told once, exit 3", async ({
    machine,
  }) => {
    const account = await threeDue(machine);
    const first = await report(machine);
    expect(first.code).toBe(3);
    for (const { action, reason, restarted } of first.document.magnets) {
      expect({ action, restarted }).toEqual({ action: "held", restarted: undefined });
      expect(reason).toBe("max_deletes_per_run: 3 deletions are due and 2 allowed, so none is done");
    }
    expect(first.document.magnets).toHaveLength(3);
    expect(first.stderr.match(/INFO main: .* held: max_deletes_per_run: 3 /g)).toHaveLength(3);
    expect(first.stderr).toContain("magnets run-once --max-deletes 0");
    expect(first.stderr).toContain("magnets reset main");
    machine.alldebrid.clock.advance(HALF_AN_HOUR);
    const second = await machine.run(["run-once"]);
    expect(second.code).toBe(3);
    expect(second.stdout).toMatch(/^Sweep of 1 account in .* s: 0 restarted, 0 deleted, 3 held\b/);
    expect(account.deletions).toEqual([]);
    expect(account.magnets().map(({ restarts }) => restarts)).toEqual([0, 0, 0]);
    expect(machine.discord.embeds).toHaveLength(1);
    expect(machine.discord.embeds[0]?.description).toContain("`magnets run-once --max-deletes 0`");
    expect(machine.discord.embeds[0]?.description).toContain("`magnets reset main`");
  });

  test("both ways on that the owner is told lead on", async ({ machine }) => {
    const account = await threeDue(machine);
    await machine.run(["run-once"]);
    await machine.configure({ max_retries: 2, max_deletes_per_run: 2 });
    expect((await machine.run(["reset", "main"])).code).toBe(0);
    const again = await report(machine);
    expect(again.code).toBe(0);
    expect(again.document.magnets.map(({ action, fails }) => [action, fails])).toEqual(
      Array(3).fill(["restarted", 1]),
    );
    machine.alldebrid.clock.advance(HALF_AN_HOUR);
    expect((await report(machine)).code).toBe(3);
    // What was held is as it was, so that the word finds it.
    const deleted = await report(machine, "--max-deletes", "0");
    expect(deleted.code).toBe(0);
    expect(account.deletions).toHaveLength(3);
  });

  test.for([
    ["0", 3, 0],
    ["3", 3, 0],
    ["2", 0, 3],
  ] as const)("%s deletes %i of three, exit %i", async ([most, deleted, code], { machine }) => {
    const account = await threeDue(machine);
    expect((await report(machine, "--max-deletes", most)).code).toBe(code);
    expect(account.deletions).toHaveLength(deleted);
  });

  test.for(["-1", "two", "1.5", "", "99999999999999999999"])("refuses %j", async (most, { machine }) => {
    await threeDue(machine);
    const run = await machine.run(["run-once", "--json", `--max-deletes=${most}`]);
    expect(run).toMatchObject({ code: 2, stdout: "" });
    expect(run.stderr).toContain("--max-deletes: expected a whole number");
    expect(machine.alldebrid.requests).toEqual([]);
  });
});

describe.concurrent("two accounts", () => {
  test("are told apart by name, else by position", async ({ machine }) => {
    await machine.configure({ api_keys: [MAIN_KEY, { name: "attic", key: SPARE_KEY }], max_retries: 1 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.alldebrid.account(SPARE_KEY).add({ life: neverRecovers() });
    const { document } = await report(machine);
    expect(document.accounts.map(({ name }) => name)).toEqual(["account 1", "attic"]);
    const accounts = machine.discord.embeds.map(
      ({ fields }) => fields?.find(({ name }) => name === "Account")?.value,
    );
    expect(accounts.sort()).toEqual(["account 1", "attic"]);
  });
});
