import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { type Machine, test } from "../support/machine.ts";

/** Eight accounts, each with three magnets to delete and two to restart. */
async function fill(machine: Machine): Promise<void> {
  const counters: Record<string, unknown> = {};
  const keys = Array.from({ length: 8 }, (_, index) => `key-of-account-number-${index}`);
  for (const [index, key] of keys.entries()) {
    const account = machine.alldebrid.addAccount({ key });
    for (let n = 0; n < 5; n++) {
      const id = 1000 + 10 * index + n;
      account.add({ id, life: neverRecovers(0) });
      if (n < 3) counters[id] = { fails: 4, last_status: "error" };
    }
  }
  await machine.configure({ api_keys: keys });
  await machine.write(".local/state/magnets/retry_counts.json", counters);
}

describe.concurrent("never more than 12 requests a second, as the server counts", () => {
  test("with many accounts", async ({ machine }) => {
    await fill(machine);
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(machine.alldebrid.requests.length).toBeGreaterThan(48);
    expect(machine.alldebrid.peak.second).toBeLessThanOrEqual(12);
    expect(machine.alldebrid.requests.every(({ status }) => status === 200)).toBe(true);
  });

  test("with answers that come late and later", async ({ machine }) => {
    const { alldebrid } = machine;
    await fill(machine);
    let count = 0;
    alldebrid.fault("*", {
      kind: "handler",
      handle: async (_, response, carryOut) => {
        const { status, body } = carryOut();
        await sleep(Math.min(10 * ++count, 700));
        response.writeHead(status, { "content-type": "application/json" }).end(body);
      },
    });
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(alldebrid.peak.second).toBeLessThanOrEqual(12);
    expect(alldebrid.accounts.flatMap(({ deletions }) => deletions)).toHaveLength(24);
  });

  test("with attempts that fail and are repeated", async ({ machine }) => {
    const { alldebrid } = machine;
    await fill(machine);
    alldebrid.fault(({ form }) => form.has("status"), { kind: "reset" }, { times: 10 });
    alldebrid.fault("delete", { kind: "http", status: 502 }, { times: 3 });
    alldebrid.fault("restart", { kind: "http", status: 429 }, { times: 1 });
    expect((await machine.run(["run-once"])).code).toBe(0);
    expect(alldebrid.peak.second).toBeLessThanOrEqual(12);
    expect(alldebrid.accounts.flatMap(({ deletions }) => deletions)).toHaveLength(24);
  });
});
