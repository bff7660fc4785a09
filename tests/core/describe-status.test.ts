import { describe, expect, it } from "vitest";
import type { CounterRecord } from "../../src/core/records.ts";
import { describeStatus, type StatusInput } from "../../src/core/status.ts";

const NOW = new Date("2026-11-23T12:00:00.000Z");
const ago = (minutes: number) => new Date(NOW.getTime() - minutes * 60_000).toISOString();

function record(given: Partial<CounterRecord> = {}): CounterRecord {
  return {
    fails: 3,
    last_status: "error",
    account: "f1",
    failing_since: ago(100),
    last_seen: ago(12),
    failing_seconds: 6000,
    restarts: 3,
    had_chance: true,
    ...given,
  };
}

function input(counters: Record<string, CounterRecord>, given: Partial<StatusInput> = {}): StatusInput {
  return {
    store: { counters: new Map(Object.entries(counters)), outbox: { pending: [] }, accounts: new Map() },
    sweeps: [],
    lastDeletions: [],
    accounts: [{ name: "main", fingerprint: "f1" }],
    policy: { maxRetries: { expired: 3, error: 5 }, minFailingHours: 0, maxDeletes: 100, protect: [] },
    cycleSeconds: 1800,
    now: NOW,
    ...given,
  };
}

const policy = (given: Partial<StatusInput["policy"]>) => ({ policy: { ...input({}).policy, ...given } });

describe("what the next sighting brings", () => {
  it.each<[string, CounterRecord, Partial<StatusInput["policy"]>, object]>([
    ["fewer than the last but one", record(), {}, { next: "restart", held_by: null, max_retries: 5 }],
    ["the last", record({ fails: 4 }), {}, { next: "delete", next_reason: "sighting 5 of 5 in error" }],
    [
      "the last, by its status",
      record({ fails: 2, last_status: "expired" }),
      {},
      { next: "delete", max_retries: 3 },
    ],
    [
      "protected",
      record({ fails: 4, filename: "A.iso" }),
      { protect: ["*.iso"] },
      { next: "held", held_by: "protect" },
    ],
    ["protected, not due", record({ filename: "A.iso" }), { protect: ["*.iso"] }, { next: "restart" }],
    [
      "too young",
      record({ fails: 4 }),
      { minFailingHours: 5 },
      { next: "held", held_by: "min_failing_hours" },
    ],
    ["just old enough by then", record({ fails: 4 }), { minFailingHours: 2 }, { next: "delete" }],
    [
      "never restarted",
      record({ fails: 4, had_chance: false }),
      {},
      { next: "held", held_by: "second_chance" },
    ],
    [
      "the original's entry, which needs one restart",
      { fails: 4, last_status: "error" },
      {},
      { next: "held", held_by: "second_chance" },
    ],
  ])("%s", (_, counter, rules, expected) => {
    expect(describeStatus(input({ 1: counter }, policy(rules))).magnets).toMatchObject([expected]);
  });

  it("foresees the cap, by account", () => {
    const counters = {
      1: record({ fails: 4 }),
      2: record({ fails: 4 }),
      3: record({ fails: 4, account: "f2" }),
    };
    const { magnets, held } = describeStatus(input(counters, policy({ maxDeletes: 1 })));
    expect(magnets.map(({ id, held_by }) => [id, held_by])).toEqual([
      ["3", null],
      ["1", "max_deletes_per_run"],
      ["2", "max_deletes_per_run"],
    ]);
    expect(held).toEqual([{ rule: "max_deletes_per_run", count: 2 }]);
  });

  it("changes no counter", () => {
    const counters = { 1: record({ fails: 4, held: "once" }) };
    const before = structuredClone(counters);
    expect(describeStatus(input(counters)).magnets).toMatchObject([{ held: "once", next: "delete" }]);
    expect(counters).toEqual(before);
  });
});

describe("describeStatus", () => {
  it("sorts by urgency, then by age", () => {
    const counters = {
      1: record({ fails: 1 }),
      2: record({ fails: 3, failing_since: ago(10) }),
      3: record({ fails: 3, failing_since: ago(500) }),
      4: record({ fails: 9, filename: "k" }),
      5: record({ fails: 4, filename: "x" }),
    };
    const { magnets } = describeStatus(input(counters, policy({ protect: ["k"] })));
    expect(magnets.map(({ id }) => id)).toEqual(["5", "4", "3", "2", "1"]);
  });

  it("names accounts by configuration, then by state, and tells their troubles", () => {
    const accounts = new Map([
      ["f1", { name: "earlier name" }],
      [
        "f2",
        {
          name: "gone",
          trouble: { code: "AUTH_BLOCKED", since: ago(60) },
          premium_until: ago(-60),
          premium_ending: { until: ago(-60) },
        },
      ],
    ]);
    const last = { ...SWEEP, accounts: [{ name: "main", ok: false, error: "no" }] };
    const given = input({ 1: record(), 2: record({ account: "f2" }), 3: record({ account: "f3" }) });
    const view = describeStatus({ ...given, store: { ...given.store, accounts }, sweeps: [SWEEP, last] });
    expect(view.magnets.map(({ id, account }) => [id, account])).toEqual([
      ["1", "main"],
      ["2", "gone"],
      ["3", null],
    ]);
    expect(view.accounts).toMatchObject([
      { name: "main", configured: true, ok: false, error: "no", trouble: null, failing: 1 },
      {
        name: "gone",
        configured: false,
        ok: null,
        trouble: { code: "AUTH_BLOCKED", since: ago(60) },
        premium_until: ago(-60),
        premium_ending: true,
        failing: 1,
      },
    ]);
    expect(view.trend).toHaveLength(2);
    expect(view.last_sweep).toEqual(last);
    expect(view.next_sweep_expected).toBe(ago(-10));
  });

  it.each([
    [1800, 59, false],
    [1800, 61, true],
    [60, 59, false],
    [3600, 119, false],
    [3600, 121, true],
    [1800, -600, false],
  ])("with a cycle of %d s, %d min after a sweep, overdue is %s", (cycleSeconds, minutes, overdue) => {
    const sweeps = [{ ...SWEEP, finished_at: ago(minutes) }];
    expect(describeStatus(input({}, { sweeps, cycleSeconds })).overdue).toBe(overdue);
  });
});

const SWEEP = {
  started_at: ago(20),
  finished_at: ago(20),
  exit_code: 0,
  failing: 3,
  restarted: 2,
  deleted: 1,
  held: 0,
  failed: 0,
  forgotten: 0,
  accounts: [{ name: "main", ok: true, error: null }],
};
