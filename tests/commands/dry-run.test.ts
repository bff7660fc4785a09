import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, SPARE_KEY, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const FAILING = { fails: 4, last_status: "error" };
/** Restarted by this program in vain. */
const TRIED = { ...FAILING, had_chance: true };
const READING = new Set(["status", "user"]);

describe("run-once --dry-run", () => {
  test("says what a sweep would do and why, and leaves no trace", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.add({ id: 1, filename: "Due.mkv", life: neverRecovers() });
    account.add({ id: 2, filename: "Kept.iso", life: neverRecovers() });
    account.add({ id: 3, filename: "New.mkv", life: neverRecovers() });
    account.add({ id: 4, filename: "Ready.mkv" });
    await machine.configure({
      protect: ["*.iso"],
      healthcheck_url: `${machine.alldebrid.url}/ping/0a1b2c3d`,
    });
    await machine.write("retry_counts.json", { 1: FAILING });
    await machine.write(".local/state/magnets/retry_counts.json", { 1: TRIED, 2: TRIED, 4: TRIED });
    const before = await snapshotFolder(machine.home);

    const { code, stdout, stderr } = await machine.run(["run-once", "--dry-run"]);

    expect(await snapshotFolder(machine.home)).toEqual(before);
    expect(stderr.split("\n").filter((line) => !line.includes("healthcheck_url"))).toEqual([""]);
    expect(stdout).toBe(
      [
        "main",
        "  would be deleted    Due.mkv",
        "                      sighting 5 of 5 in error (1)",
        "  would be held       Kept.iso",
        '                      protected by "*.iso"; restarted instead (2)',
        "  would be forgotten  (name unknown)",
        "                      ready (4)",
        "  would be restarted  New.mkv",
        "                      sighting 1 of 5 in error (3)",
        "",
        "A sweep would delete 1, forget 1, restart 2 (1 of them instead of a deletion that is held back). This was a dry run: nothing was changed.",
        "",
      ].join("\n"),
    );
    expect(code).toBe(0);
    expect(machine.alldebrid.requests.filter(({ endpoint }) => !READING.has(endpoint))).toEqual([]);
    expect(machine.discord.requests).toEqual([]);
    expect(account.magnets()).toHaveLength(4);
  });

  test("takes over the original's counters in its mind only", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).add({ id: 1, life: neverRecovers() });
    await machine.write(".config/magnets/retry_counts.json", { 1: FAILING });
    const before = await snapshotFolder(machine.home);
    for (const args of [["run-once", "--dry-run"], ["status"]]) {
      const { stderr } = await machine.run(args);
      expect(stderr).toMatch(/the first sweep will take over 1 counter from .*retry_counts\.json\n$/);
    }
    expect(await snapshotFolder(machine.home)).toEqual(before);
    const { stdout } = await machine.run(["run-once", "--dry-run"]);
    // The original never cleared what had healed: its counters need one restart by this program.
    expect(stdout).toMatch(/would be held .*\n +second chance: .*; restarted instead \(1\)/);
  });

  test("creates no state folder, with or without something to count", async ({ machine }) => {
    const before = await snapshotFolder(machine.home);
    expect((await machine.run(["run-once", "--dry-run"])).stdout).toContain("nothing to do");
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    expect((await machine.run(["run-once", "--dry-run"])).code).toBe(0);
    expect(await snapshotFolder(machine.home)).toEqual(before);
  });

  test("reports in JSON what would happen", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).add({ id: 7, filename: "A.mkv", life: neverRecovers() });
    await machine.configure({ max_retries: 1 });
    const { stdout, code } = await machine.run(["run-once", "--dry-run", "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ version: 1, dry_run: true, exit_code: 0, pending_notifications: 0 });
    expect(report.magnets).toEqual([
      {
        id: "7",
        account: "main",
        filename: "A.mkv",
        status: "error",
        fails: 1,
        max_retries: 1,
        action: "deleted",
        reason: "sighting 1 of 1 in error",
      },
    ]);
    expect(code).toBe(0);
    expect(machine.alldebrid.account(MAIN_KEY).deletions).toEqual([]);
  });

  test("exits as a sweep would: 3 when the cap holds or an account fails", async ({ machine }) => {
    for (const id of [1, 2]) machine.alldebrid.account(MAIN_KEY).add({ id, life: neverRecovers() });
    await machine.configure({ max_retries: 1, max_deletes_per_run: 1 });
    const capped = await machine.run(["run-once", "--dry-run"]);
    expect(capped.code).toBe(3);
    expect(capped.stdout).toContain("max_deletes_per_run: 2 deletions are due and 1 allowed");
    expect((await machine.run(["run-once", "--dry-run", "--max-deletes", "0"])).code).toBe(0);

    machine.alldebrid.account(SPARE_KEY).trouble = "bad-key";
    await machine.configure({ api_keys: [{ name: "spare", key: SPARE_KEY }] });
    const refused = await machine.run(["run-once", "--dry-run"]);
    expect(refused.code).toBe(3);
    expect(refused.stdout).toMatch(/^spare\n✗ .*AUTH_BAD_APIKEY/);
  });

  test("takes no lock: it works while another run holds it", async ({ machine }) => {
    const gate = createGate();
    machine.alldebrid.fault("status", { kind: "hold", until: gate.opened }, { times: 1 });
    const real = machine.start(["run-once"]);
    await machine.alldebrid.seen("status");
    expect((await machine.run(["run-once", "--dry-run"])).code).toBe(0);
    gate.open();
    expect((await real.finished).code).toBe(0);
  });

  test("settles what a killed sweep left in its mind only", async ({ machine }) => {
    await machine.run(["run-once"]);
    const { fingerprint } = await machine.readState("accounts.json").then(({ accounts }) => ({
      fingerprint: Object.keys(accounts)[0],
    }));
    const intent = {
      key: "k1",
      id: "9",
      filename: "Gone.mkv",
      account: "main",
      fingerprint,
      deleted_at: "2026-01-01T00:00:00.000Z",
      status: "error",
      fails: 5,
      max_retries: 5,
    };
    await machine.write(".local/state/magnets/intents.json", { version: 1, intents: [intent] });
    await machine.write(".local/state/magnets/retry_counts.json", {
      9: { ...FAILING, filename: "Gone.mkv" },
    });
    const before = await snapshotFolder(machine.home);
    const { stdout } = await machine.run(["run-once", "--dry-run"]);
    expect(stdout).toContain("would be deleted    Gone.mkv\n");
    expect(stdout).toContain("gone, and a deletion was sent whose response was lost (9)");

    await writeFile(join(machine.state, "deletions.jsonl"), `${JSON.stringify(intent)}\n`, { mode: 0o600 });
    const recorded = await machine.run(["run-once", "--dry-run"]);
    expect(recorded.stdout).toContain("nothing to do");
    const after = await snapshotFolder(machine.home);
    delete after[join(machine.state, "deletions.jsonl")];
    delete after[machine.state];
    delete before[machine.state];
    expect(after).toEqual(before);
  });
});
