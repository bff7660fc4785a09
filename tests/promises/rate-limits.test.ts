import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tooManyRequests } from "../../examples/sandbox/behaviour.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { RecordedRequest } from "../../examples/sandbox/recorded-request.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { OTHER_LIMITS, RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import { SimulatedWorld } from "./simulated-world.ts";

// Counted by the server, as AllDebrid does: in any second and in any minute, of simulated time.

let world: SimulatedWorld;
beforeEach(async () => {
  world = await SimulatedWorld.open();
});
afterEach(() => world.close());

let lastId = 0;
const due: Record<string, object> = {};
beforeEach(() => {
  for (const id of Object.keys(due)) delete due[id];
});

/** An account with magnets to restart, and some to delete. */
function addAccount(username: string, restarts: number, deletions: number): SandboxAccount {
  const account = world.alldebrid.addAccount({ key: `key-of-${username}`, username, activeSlots: 10_000 });
  for (let n = 0; n < restarts + deletions; n++) {
    const { id } = account.add({ id: ++lastId, life: neverRecovers(0) });
    if (n < deletions) due[id] = { fails: 2, last_status: "error", had_chance: true };
  }
  return account;
}

async function sweep(accounts: readonly SandboxAccount[]) {
  return world.time.run(() => world.sweep(accounts, { maxDeletes: 0 }));
}

/** What nobody may see, and whether any request was refused. */
function expectWithinLimits(): void {
  const { peak, requests } = world.alldebrid;
  expect(peak.second).toBeLessThanOrEqual(12);
  expect(peak.minute).toBeLessThanOrEqual(600);
  expect(requests.filter(({ fault, status }) => fault === null && status !== 200)).toEqual([]);
}

describe("a sweep sends at most 10 in a second and 540 in a minute", () => {
  it("with many accounts", async () => {
    const accounts = Array.from({ length: 8 }, (_, n) => addAccount(`user-${n}`, 2, 3));
    await world.write("retry_counts.json", due);
    expect((await sweep(accounts)).value.exit_code).toBe(0);
    expect(world.alldebrid.requests.length).toBeGreaterThan(48);
    expect(world.alldebrid.peak.second).toBe(10);
    expectWithinLimits();
  });

  it.each([0, 40, 900])("with 300 deletions, and %i ms for each request", async (latencyMs) => {
    world.time.latencyMs = latencyMs;
    const account = addAccount("busy", 0, 300);
    await world.write("retry_counts.json", due);
    expect((await sweep([account])).value.exit_code).toBe(0);
    expect(account.deletions).toHaveLength(300);
    expect(world.alldebrid.requests).toHaveLength(603);
    expect(world.alldebrid.peak.second).toBeLessThanOrEqual(10);
    expect(world.alldebrid.peak.minute).toBeLessThanOrEqual(540);
    expectWithinLimits();
  });

  it("with attempts that fail and are repeated", async () => {
    const accounts = Array.from({ length: 4 }, (_, n) => addAccount(`user-${n}`, 2, 6));
    await world.write("retry_counts.json", due);
    world.alldebrid.fault(({ form }) => form.has("status"), { kind: "reset" }, { times: 10 });
    world.alldebrid.fault("delete", { kind: "http", status: 502 }, { times: 3 });
    world.alldebrid.fault("restart", { kind: "http", status: 503 }, { times: 2 });
    expect((await sweep(accounts)).value.exit_code).toBe(0);
    expect(accounts.flatMap(({ deletions }) => deletions)).toHaveLength(24);
    expectWithinLimits();
  });
});

describe("a sweep and one run beside it stay within 12 in a second and 600 in a minute together", () => {
  it.each([0, 900])(
    "a check over eight keys, again and again, and %i ms for each request",
    async (latencyMs) => {
      world.time.latencyMs = latencyMs;
      const accounts = Array.from({ length: 8 }, (_, n) => addAccount(`user-${n}`, 3, 35));
      await world.write("retry_counts.json", due);
      const limiter = new RateLimiter(OTHER_LIMITS);
      const clients = accounts.map((account) => world.client(account, limiter));
      const ask = async () => {
        for (let n = 0; n < 12; n++) await Promise.all(clients.map((client) => client.user()));
      };
      await world.time.run(() => Promise.all([world.sweep(accounts, { maxDeletes: 0 }), ask()]));
      expect(accounts.flatMap(({ deletions }) => deletions)).toHaveLength(280);
      expect(world.alldebrid.requestsTo("user").length).toBeGreaterThanOrEqual(96);
      if (latencyMs === 0) expect(world.alldebrid.peak.second).toBe(12);
      expectWithinLimits();
    },
  );
});

describe("a run after another", () => {
  it("goes on from what the last one sent", async () => {
    const account = addAccount("busy", 0, 269);
    await world.write("retry_counts.json", due);
    await sweep([account]);
    const before = world.alldebrid.requests.length;
    expect(before).toBe(541);
    await sweep([account]);
    expect(world.alldebrid.requests.length).toBeGreaterThan(before);
    expectWithinLimits();
    expect(world.alldebrid.peak.minute).toBeLessThanOrEqual(540);
  });

  it("that was killed sends nothing within the minute after its last sign of life", async () => {
    const account = addAccount("busy", 0, 260);
    await world.write("retry_counts.json", due);
    await sweep([account]);
    // What a kill right after the last request leaves: no summary, and a sign of life from up to 5 s before.
    const last = world.alldebrid.requests.at(-1)?.at ?? 0;
    await world.write("sweeps.json", { version: 1, sweeps: [] });
    await world.write("running.json", { version: 1, alive_at: new Date(Date.now() - 5_000).toISOString() });
    const before = world.alldebrid.requests.length;
    await sweep([account]);
    const first = world.alldebrid.requests[before]?.at ?? 0;
    expect(first - last).toBeGreaterThanOrEqual(60_000);
    expectWithinLimits();
  });
});

describe("one account is told to wait by 429s, and", () => {
  const inAYear = () => new Date(Date.now() + 365 * 86_400_000).toUTCString();

  it.each<[string, () => string]>([
    ["9 s", () => "9"],
    ["29 s", () => "29"],
    ["60 s", () => "60"],
    ["an hour", () => "3600"],
    ["a year", () => String(365 * 86_400)],
    ["the same day in a year", inAYear],
  ])(
    "the other's work is done within seconds, and the sweep ends within a minute: %s",
    async (_, retryAfter) => {
      const [slow, other] = [addAccount("slow", 3, 3), addAccount("other", 3, 10)];
      await world.write("retry_counts.json", due);
      for (const known of [false, true]) {
        world.alldebrid.fault(({ account }) => account === "slow", tooManyRequests(retryAfter()));
        const begun = performance.now();
        const { elapsedMs, value } = await sweep([slow, other]);
        const isWork = ({ account, endpoint }: RecordedRequest) =>
          account === "other" && (endpoint === "restart" || endpoint === "delete");
        const lastOfOther = world.alldebrid.requestsTo(isWork).at(-1);
        expect((lastOfOther?.at ?? Number.NaN) - begun, `known: ${known}`).toBeLessThan(5_000);
        expect(elapsedMs).toBeLessThan(60_000);
        expect(value).toMatchObject({ exit_code: 3, accounts: [{ ok: false }, { ok: true }] });
        expect(slow.deletions).toEqual([]);
        expect(other.deletions).toHaveLength(10);
        expect(other.magnets().map(({ restarts }) => restarts)).toEqual(Array(3).fill(known ? 2 : 1));
        expectWithinLimits();

        // Once it works, it is known whose account it is, and nothing is lost.
        world.alldebrid.clearFaults();
        if (known) break;
        const store = await world.store("write");
        expect([...store.counters].filter(([, { fails }]) => fails === 2)).toHaveLength(3);
        world.time.pass(60_000);
        const clients = [slow, other].map((account) => world.client(account, new RateLimiter()));
        await world.time.run(() => Promise.all(clients.map((client) => client.user())));
        world.time.pass(30 * 60_000);
      }
      await sweep([slow, other]);
      expect(slow.deletions).toHaveLength(3);
    },
  );
});
