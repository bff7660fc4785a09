import { rm, stat } from "node:fs/promises";
import { describe, expect } from "vitest";
import { filesRemoved, neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";
import { snapshotFolder } from "../support/snapshot-folder.ts";

const STATE = ".local/state/magnets";

/** A sweep that found one magnet to restart and one that `protect` holds. */
async function swept(machine: Machine) {
  await machine.configure({ max_retries: { error: 5, expired: 1 }, protect: ["kept*"] });
  const account = machine.alldebrid.account(MAIN_KEY);
  const lost = account.add({ life: neverRecovers(), filename: "Lost.mkv" });
  const kept = account.add({ life: neverRecovers(5, filesRemoved), filename: "Kept.mkv" });
  expect((await machine.run(["run-once"])).code).toBe(0);
  return { lost, kept };
}

describe.concurrent("magnets status", () => {
  test("shows a table that a person reads at a glance", async ({ machine }) => {
    const { lost, kept } = await swept(machine);
    const { code, stdout, stderr } = await machine.run(["status"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const row = (name: string) => stdout.split("\n").find((line) => line.includes(name));
    for (const part of [String(lost.id), "1/5"]) expect(row("Lost.mkv")).toContain(part);
    for (const part of [String(kept.id), "1/1", "held"]) expect(row("Kept.mkv")).toContain(part);
    expect(stdout).toMatch(/last sweep/i);
  });

  test("says when there is no configuration, and when the next sweep is to be expected", async ({
    machine,
  }) => {
    await swept(machine);
    expect((await machine.run(["status"])).stdout).toMatch(/; the next is expected in about \d\d min$/m);
    await rm(machine.config);
    const { code, stdout } = await machine.run(["status"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/✗ No configuration was found/);
    expect(stdout).not.toContain("the next");
    const keys = { MAGNETS_API_KEYS: MAIN_KEY };
    expect((await machine.run(["status"], { env: keys })).stdout).not.toContain("No configuration");
  });

  test("names the accounts where there are several", async ({ machine }) => {
    await machine.configure({ api_keys: [{ name: "attic", key: MAIN_KEY }, SPARE_KEY] });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers(), filename: "Lost.mkv" });
    machine.alldebrid.account(SPARE_KEY).add({ life: neverRecovers(), filename: "Found.mkv" });
    await machine.run(["run-once"]);
    const { stdout } = await machine.run(["status"]);
    expect(stdout).toMatch(/attic.*Lost\.mkv.*account 2.*Found\.mkv/s);
  });

  test("--json prints one document and nothing else", async ({ machine }) => {
    const { lost, kept } = await swept(machine);
    const { code, stdout, stderr } = await machine.run(["status", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      last_sweep: { exit_code: 0, failing: 2, started_at: isoTime, finished_at: isoTime },
      overdue: false,
      magnets: [
        {
          id: String(kept.id),
          filename: "Kept.mkv",
          status: "expired",
          fails: 1,
          max_retries: 1,
          next: "held",
        },
        {
          id: String(lost.id),
          account: "main",
          status_text: "No peer after 30 minutes",
          failing_since: isoTime,
          last_seen: isoTime,
          held: null,
          next: "restart",
        },
      ],
      pending_notifications: 0,
    });
  });

  test("before the first sweep says how to start one, and makes no folder", async ({ machine }) => {
    const { code, stdout } = await machine.run(["status"]);
    expect(code).toBe(0);
    expect(stdout).toContain("magnets run-once");
    await expect(stat(machine.state)).rejects.toThrow("ENOENT");
    const json = await machine.run(["status", "--json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({ last_sweep: null, overdue: false, magnets: [] });
  });

  const MINUTE = 60_000;
  test.for([
    { cycleSeconds: 1800, minutesAgo: 59, overdue: false },
    { cycleSeconds: 1800, minutesAgo: 61, overdue: true },
    { cycleSeconds: 60, minutesAgo: 59, overdue: false },
    { cycleSeconds: 7200, minutesAgo: 239, overdue: false },
    { cycleSeconds: 7200, minutesAgo: 241, overdue: true },
  ])(
    "calls a sweep overdue: $minutesAgo minutes ago at cycle_seconds $cycleSeconds is $overdue",
    async ({ cycleSeconds, minutesAgo, overdue }, { machine }) => {
      await machine.configure({ cycle_seconds: cycleSeconds });
      await machine.run(["run-once"]);
      const file = await machine.readState("sweeps.json");
      const at = new Date(Date.now() - minutesAgo * MINUTE).toISOString();
      Object.assign(file.sweeps[0], { started_at: at, finished_at: at });
      await machine.write(`${STATE}/sweeps.json`, file);
      const json = await machine.run(["status", "--json"]);
      expect(JSON.parse(json.stdout).overdue).toBe(overdue);
      expect(/overdue/i.test((await machine.run(["status"])).stdout)).toBe(overdue);
    },
  );

  test("tells how many notifications wait", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.discord.mode = "unauthorized";
    await machine.run(["run-once"]);
    expect((await machine.run(["status"])).stdout).toMatch(/1 notification waits/);
    const json = await machine.run(["status", "--json"]);
    expect(JSON.parse(json.stdout).pending_notifications).toBe(1);
  });

  test("needs no keys, asks nobody and changes nothing, damaged files included", async ({ machine }) => {
    const { lost } = await swept(machine);
    await machine.write(`${STATE}/accounts.json`, "{nonsense");
    await machine.configure({ api_keys: ["YOUR_API_KEY"], discord_webhook_url: "nonsense" });
    const before = await snapshotFolder(machine.state);
    const asked = machine.alldebrid.requests.length;
    const { code, stdout, stderr } = await machine.run(["status"]);
    expect(code).toBe(0);
    expect(stdout).toContain(String(lost.id));
    expect(stderr).toContain("accounts.json is corrupt");
    expect((await machine.run(["status", "--json"])).code).toBe(0);
    expect(await snapshotFolder(machine.state)).toEqual(before);
    expect(machine.alldebrid.requests).toHaveLength(asked);
  });
});
