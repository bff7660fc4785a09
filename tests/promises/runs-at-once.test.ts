import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, type Machine, test } from "../support/machine.ts";

// With the executable, and counted by the server. `rate-limits.test.ts` goes further, on simulated time.

/** Eight accounts, each with three magnets to delete and two to restart. */
async function fill(machine: Machine): Promise<void> {
  const counters: Record<string, unknown> = {};
  const keys = Array.from({ length: 8 }, (_, index) => `key-of-account-number-${index}`);
  for (const [index, key] of keys.entries()) {
    const account = machine.alldebrid.addAccount({ key });
    for (let n = 0; n < 5; n++) {
      const id = 1000 + 10 * index + n;
      account.add({ id, life: neverRecovers(0) });
      if (n < 3) counters[id] = { fails: 4, last_status: "error", had_chance: true };
    }
  }
  await machine.configure({ api_keys: keys });
  await machine.write(".local/state/magnets/retry_counts.json", counters);
}

function expectWithinLimits({ alldebrid }: Machine): void {
  expect(alldebrid.peak.second).toBeLessThanOrEqual(12);
  expect(alldebrid.requests.every(({ status }) => status === 200)).toBe(true);
}

describe.concurrent("never more than 12 requests a second", () => {
  test("of a sweep over eight accounts and a check beside it", async ({ machine }) => {
    await fill(machine);
    const runs = await Promise.all([machine.run(["run-once"]), machine.run(["check"])]);
    expect(runs.map(({ code }) => code)).toEqual([0, expect.any(Number)]);
    expect(machine.alldebrid.accounts.flatMap(({ deletions }) => deletions)).toHaveLength(24);
    expect(machine.alldebrid.requestsTo("user").length).toBeGreaterThanOrEqual(16);
    expectWithinLimits(machine);
  });

  test("of a sweep after one that was killed: it sends nothing for a minute from the last sign of life", async ({
    machine,
  }) => {
    const { alldebrid } = machine;
    alldebrid.account(MAIN_KEY).add({ life: neverRecovers() });
    alldebrid.fault("restart", { kind: "no-header" }, { times: 1 });
    const killed = machine.start(["run-once"]);
    await alldebrid.seen("restart");
    killed.kill("SIGKILL");
    await killed.finished;
    const { alive_at } = await machine.readState("running.json");
    expect(Date.parse(alive_at)).toBeGreaterThan(Date.now() - 60_000);

    // Most of the minute has passed.
    const aliveAt = Date.now() - 62_000;
    const running = { version: 1, alive_at: new Date(aliveAt).toISOString() };
    await machine.write(".local/state/magnets/running.json", running);
    const before = alldebrid.requests.length;
    expect((await machine.run(["run-once"])).code).toBe(0);
    const first = performance.timeOrigin + (alldebrid.requests[before]?.at ?? 0);
    expect(first - aliveAt).toBeGreaterThanOrEqual(60_000);
    await expect(machine.readState("running.json")).resolves.not.toHaveProperty("alive_at");
  });
});
