import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { createGate } from "../support/gate.ts";
import { MAIN_KEY, SPARE_KEY, test } from "../support/machine.ts";

const SIGNALS = [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const;

describe.concurrent("a sweep that is told to stop", () => {
  test.for(SIGNALS)(
    "by %s during restarts finishes what is under way, saves it, and exits %i",
    async ([signal, code], { machine }) => {
      const { alldebrid } = machine;
      await machine.configure({ max_retries: { error: 5, expired: 1 } });
      const account = alldebrid.account(MAIN_KEY);
      const restarted = account.add({ life: neverRecovers() });
      const due = account.add({
        life: neverRecovers(5, { list: "expired", status: "Expired", statusCode: 11 }),
      });
      const gate = createGate();
      alldebrid.fault("restart", { kind: "hold", until: gate.opened });

      const sweep = machine.start(["run-once", "--json"]);
      // The account's state is asked for beside the lists, and may arrive after the restart.
      await Promise.all([alldebrid.seen("restart"), alldebrid.seen("user")]);
      sweep.kill(signal);
      await sweep.logged(`stopped by ${signal}`);
      gate.open();
      const { stdout, ...ended } = await sweep.finished;
      expect(ended).toMatchObject({ code, signal: null });

      const document = JSON.parse(stdout);
      expect(document.exit_code).toBe(code);
      expect(document.magnets).toContainEqual(
        expect.objectContaining({ id: String(restarted.id), action: "restarted" }),
      );
      expect(document.magnets).toContainEqual(
        expect.objectContaining({ id: String(due.id), action: "held", waits: "next sweep" }),
      );
      expect(restarted.restarts).toBe(1);
      expect(account.deletions).toEqual([]);
      expect(alldebrid.requests.at(-1)?.endpoint).toBe("restart");
      expect(await machine.readState("retry_counts.json")).toMatchObject({
        [restarted.id]: { fails: 1, restarts: 1, had_chance: true },
        [due.id]: { fails: 1 },
      });
      expect((await machine.readState("sweeps.json")).sweeps).toMatchObject([{ exit_code: code }]);
    },
  );

  test("during a deletion records it; the next sweep announces it and goes on", async ({ machine }) => {
    const { alldebrid, discord } = machine;
    await machine.configure({ max_retries: 1 });
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    const gate = createGate();
    alldebrid.fault("delete", { kind: "hold", until: gate.opened });

    const sweep = machine.start(["run-once"]);
    await alldebrid.seen("delete");
    sweep.kill("SIGTERM");
    await sweep.logged("stopped by SIGTERM");
    gate.open();
    expect((await sweep.finished).code).toBe(143);
    expect(await machine.readDeletions()).toMatchObject([{ id: String(magnet.id) }]);
    expect(await machine.readState("retry_counts.json")).toEqual({});
    expect(discord.requests).toEqual([]);

    alldebrid.clearFaults();
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(discord.embeds).toHaveLength(1);
    expect(await machine.readDeletions()).toHaveLength(1);
  });

  test("counts what was done and what was not, and blames nobody; status says it, too", async ({
    machine,
  }) => {
    const { alldebrid } = machine;
    await machine.configure({ max_retries: 99 });
    const account = alldebrid.account(MAIN_KEY);
    account.activeSlots = 1000;
    for (let i = 0; i < 250; i++) account.add({ life: neverRecovers() });
    const gate = createGate();
    alldebrid.fault("restart", { kind: "hold", until: gate.opened });
    const sweep = machine.start(["run-once"]);
    await Promise.all([alldebrid.seen("restart"), alldebrid.seen("user")]);
    sweep.kill("SIGINT");
    await sweep.logged("stopped by SIGINT");
    gate.open();
    const { code, stdout, stderr } = await sweep.finished;
    expect(code).toBe(130);
    expect(stdout).toMatch(
      /^Sweep stopped by SIGINT \(Ctrl-C\) after \d+\.\d s: 100 restarted, 0 deleted, 150 not started\n$/,
    );
    expect(stderr.match(/ restarted: /g)).toHaveLength(100);
    expect(stderr.match(/not started/g)).toHaveLength(1);
    expect(stderr).toContain(" INFO main: 150 not started, since the sweep was stopped\n");
    expect(stdout + stderr).not.toMatch(/failed|trouble|ERROR/);
    const status = (await machine.run(["status"])).stdout;
    expect(status).toMatch(
      /^Last sweep just now, stopped by SIGINT \(Ctrl-C\): 100 restarted, 150 not started; the next /m,
    );
    expect(status).toMatch(
      /^! The last sweep was stopped by SIGINT \(Ctrl-C\) before its end; the next one/m,
    );
  });

  test.for(["status", "delete"] as const)(
    "amid deletions (%s requests): what is cut off is not called a failure",
    async (endpoint, { machine }) => {
      const { alldebrid } = machine;
      await machine.configure({ max_retries: 1 });
      for (let i = 0; i < 30; i++) alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
      if (endpoint === "delete") alldebrid.fault("delete", { kind: "no-header" });
      else alldebrid.fault("status", { kind: "no-header" }, { after: 2 });
      const sweep = machine.start(["run-once"]);
      await alldebrid.seen(endpoint, endpoint === "delete" ? 9 : 11);
      sweep.kill("SIGTERM");
      await sweep.logged("stopped by SIGTERM");
      sweep.kill("SIGTERM");
      const { code, stdout, stderr } = await sweep.finished;
      expect(code).toBe(143);
      expect(stdout).toMatch(
        /^Sweep stopped by SIGTERM after \d+\.\d s: 0 restarted, 0 deleted, 30 not started\n$/,
      );
      expect(stdout + stderr).not.toMatch(/failed|trouble|ERROR/);
      const lines = stderr.trimEnd().split("\n");
      expect(lines.length).toBeLessThan(5);
      // Those that were sent are in doubt, and not forgotten.
      const { intents } = await machine.readState("intents.json").catch(() => ({ intents: [] }));
      expect(intents.length > 0).toBe(endpoint === "delete");
    },
  );

  test("before its lists came says which accounts it did not look at", async ({ machine }) => {
    const { alldebrid } = machine;
    alldebrid.fault("status", { kind: "no-header" });
    const sweep = machine.start(["run-once"]);
    await alldebrid.seen("status", 2);
    sweep.kill("SIGINT");
    await sweep.logged("stopped by SIGINT");
    sweep.kill("SIGINT");
    const { stdout, stderr } = await sweep.finished;
    expect(stdout).toMatch(/: 0 restarted, 0 deleted, 1 account not looked at\n$/);
    expect(stdout + stderr).not.toMatch(/failed|trouble|ERROR/);
    const status = (await machine.run(["status"])).stdout;
    expect(status).toMatch(/^Last sweep just now, stopped by SIGINT \(Ctrl-C\): nothing was started; /m);
  });

  test("begins nothing new in the other account", async ({ machine }) => {
    const { alldebrid } = machine;
    await machine.configure({ api_keys: [MAIN_KEY, SPARE_KEY] });
    for (const key of [MAIN_KEY, SPARE_KEY]) alldebrid.account(key).add({ life: neverRecovers() });
    const gate = createGate();
    alldebrid.fault("status", { kind: "hold", until: gate.opened });
    const sweep = machine.start(["run-once"]);
    await Promise.all([alldebrid.seen("status", 4), alldebrid.seen("user", 2)]);
    const asked = alldebrid.requests.length;
    sweep.kill("SIGTERM");
    await sweep.logged("stopped by SIGTERM");
    gate.open();
    expect((await sweep.finished).code).toBe(143);
    expect(alldebrid.requests).toHaveLength(asked);
    // What the lists showed was counted all the same.
    expect(Object.values(await machine.readState("retry_counts.json"))).toMatchObject([
      { fails: 1 },
      { fails: 1 },
    ]);
  });

  test("waits ten seconds for an answer and no longer", { timeout: 29_000 }, async ({ machine }) => {
    const { alldebrid } = machine;
    const magnet = alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    alldebrid.fault("restart", { kind: "no-header" });
    const sweep = machine.start(["run-once"]);
    await alldebrid.seen("restart");
    sweep.kill("SIGTERM");
    // A request that is left alone gets half a minute, which is more than this test has.
    expect((await sweep.finished).code).toBe(143);
    expect(await machine.readState("retry_counts.json")).toMatchObject({ [magnet.id]: { fails: 1 } });
  });

  test("twice does not wait for what is under way", async ({ machine }) => {
    const { alldebrid } = machine;
    alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    alldebrid.fault("restart", { kind: "no-header" });
    const sweep = machine.start(["run-once"]);
    await alldebrid.seen("restart");
    sweep.kill("SIGINT");
    await sweep.logged("stopped by SIGINT");
    sweep.kill("SIGINT");
    expect((await sweep.finished).code).toBe(130);
    expect(alldebrid.requestsTo("restart")).toHaveLength(1);
  });
});
