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
