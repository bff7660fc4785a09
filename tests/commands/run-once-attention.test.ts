import { readdir } from "node:fs/promises";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, SPARE_KEY, test } from "../support/machine.ts";

const BOTH = {
  api_keys: [
    { name: "main", key: MAIN_KEY },
    { name: "spare", key: SPARE_KEY },
  ],
};

async function sweep(machine: Machine) {
  const { code, stdout, stderr } = await machine.run(["run-once", "--json"]);
  expect(code).toBe(3);
  const document = JSON.parse(stdout);
  expect(document.exit_code).toBe(3);
  return { document, stderr };
}

describe.concurrent("exit code 3", () => {
  test("an account failed; the other was swept", async ({ machine }) => {
    await machine.configure(BOTH);
    const { alldebrid } = machine;
    alldebrid.account(MAIN_KEY).trouble = "bad-key";
    const magnet = alldebrid.account(SPARE_KEY).add({ life: neverRecovers() });
    const { document, stderr } = await sweep(machine);
    expect(document.accounts).toEqual([
      { name: "main", ok: false, error: expect.stringContaining("AUTH_BAD_APIKEY") },
      { name: "spare", ok: true, error: null },
    ]);
    expect(stderr).toContain("https://alldebrid.com/apikeys");
    expect(magnet.restarts).toBe(1);
  });

  test("a list failed; the other was worked on", async ({ machine }) => {
    const { alldebrid } = machine;
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const expiredList = (request: { form: URLSearchParams }) => request.form.get("status") === "expired";
    alldebrid.fault(expiredList, { kind: "api-error", code: "GENERIC" });
    const { document } = await sweep(machine);
    expect(document.accounts[0].error).toMatch(/^the expired list: .*GENERIC/);
    expect(magnet.restarts).toBe(1);
  });

  test("a whole request of restarts failed", async ({ machine }) => {
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.alldebrid.account(MAIN_KEY).trouble = "no-magnet-server";
    const { document } = await sweep(machine);
    expect(document.accounts[0].error).toMatch(/^restarting: .*vpn/);
    expect(document.magnets).toMatchObject([{ action: "failed" }, { action: "failed" }]);
  });

  test("a deletion failed: its counter stays, nothing is announced, and the next sweep tries again", async ({
    machine,
  }) => {
    await machine.configure({ max_retries: 1 });
    const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const fault = machine.alldebrid.fault("delete", { kind: "api-error", code: "GENERIC" });
    const { document } = await sweep(machine);
    expect(document.magnets).toMatchObject([{ id: String(magnet.id), action: "failed", fails: 1 }]);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
    expect(machine.discord.requests).toEqual([]);

    fault.remove();
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(machine.discord.embeds).toHaveLength(1);
    expect(machine.discord.embeds[0]?.fields).toContainEqual(expect.objectContaining({ value: "2/1" }));
  });

  test("a notification could not be sent: it waits and goes out next time", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    // A pause longer than the program is ready to wait for.
    const answer = { message: "You are being rate limited.", retry_after: 3600, global: false };
    machine.discord.fault(
      "webhook",
      { kind: "http", status: 429, body: JSON.stringify(answer) },
      { times: 1 },
    );
    const { document } = await sweep(machine);
    expect(document.pending_notifications).toBe(1);
    expect(document.magnets).toMatchObject([{ action: "deleted" }]);

    const next = await machine.run(["run-once", "--json"]);
    expect(next.code).toBe(0);
    expect(JSON.parse(next.stdout).pending_notifications).toBe(0);
    expect(machine.discord.embeds).toHaveLength(1);
  });

  test("Discord refused a notification: it is dropped with an error line, the rest arrives", async ({
    machine,
  }) => {
    await machine.configure({ max_retries: 1 });
    for (const filename of ["Fine.mkv", "Odd.mkv", "Good.mkv"]) {
      machine.alldebrid.account(MAIN_KEY).add({ filename, life: neverRecovers() });
    }
    // The three together, and the first alone in its plainest form.
    const body = '{"code":50035,"errors":{"embeds":{"0":{"_errors":[{"message":"no"}]}}}}';
    machine.discord.fault("webhook", { kind: "http", status: 400, body }, { times: 2 });
    const { document, stderr } = await sweep(machine);
    expect(stderr).toMatch(
      /ERROR Discord refused the notification about "\w+\.mkv" \(\d+\); it is dropped: /,
    );
    expect(document.pending_notifications).toBe(0);
    expect(machine.discord.embeds).toHaveLength(2);
  });

  test("the webhook is dead: said with what to do, and not called again", async ({ machine }) => {
    await machine.configure({ max_retries: 1 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    machine.discord.mode = "unknown-webhook";
    expect((await sweep(machine)).stderr).toContain("discord_webhook_url");
    expect((await sweep(machine)).document.pending_notifications).toBe(1);
    expect(machine.discord.requests).toHaveLength(1);
  });

  test("a state file was corrupt: it is kept, and the sweep goes on from empty", async ({ machine }) => {
    const magnet = machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    await machine.write(".local/state/magnets/retry_counts.json", '{"403207307": {"fai');
    const { stderr } = await sweep(machine);
    expect(stderr).toMatch(/ERROR retry_counts\.json is corrupt/);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
    expect(await readdir(machine.state)).toContainEqual(
      expect.stringMatching(/^retry_counts\.json\.corrupt-\d{4}-/),
    );
    expect((await machine.run(["run-once"])).code).toBe(0);
  });
});

describe.concurrent("exit code 0", () => {
  test("restarts that AllDebrid refuses are everyday", async ({ machine }) => {
    const account = machine.alldebrid.account(MAIN_KEY);
    account.add({ life: neverRecovers() });
    account.activeSlots = 0;
    const { code, stdout } = await machine.run(["run-once", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).magnets).toMatchObject([
      { action: "held", waits: "slot", reason: expect.stringContaining("waits for a free slot") },
    ]);
  });

  test("protect, min_failing_hours and the second chance are everyday", async ({ machine }) => {
    await machine.configure({ max_retries: { error: 1, expired: 1 }, min_failing_hours: 2 });
    machine.alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const { code, stdout } = await machine.run(["run-once", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).magnets).toMatchObject([
      { action: "held", reason: expect.stringContaining("min_failing_hours") },
    ]);
  });
});
