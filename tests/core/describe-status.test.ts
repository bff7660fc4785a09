import { describe, expect, it } from "vitest";
import type { AccountHealth, CounterRecord } from "../../src/core/records.ts";
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

interface Given {
  readonly store?: Partial<StatusInput["store"]>;
  readonly config?: Partial<StatusInput["config"]>;
}

function input(counters: Record<string, CounterRecord>, { store, config }: Given = {}): StatusInput {
  return {
    store: {
      counters: new Map(Object.entries(counters)),
      outbox: { pending: [] },
      accounts: new Map(),
      confirmed: new Map(),
      arrs: { pending: [], servers: new Map() },
      sweeps: [],
      ...store,
    },
    config: {
      accounts: [{ name: "main", fingerprint: "f1" }],
      allKeysRead: true,
      arrs: [],
      allArrsRead: true,
      maxRetries: { expired: 3, error: 5 },
      minFailingHours: 0,
      maxDeletes: 100,
      protect: [],
      cycleSeconds: 1800,
      ...config,
    },
    now: NOW,
  };
}

describe("what the next sighting brings", () => {
  it.each<[string, CounterRecord, Partial<StatusInput["config"]>, object]>([
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
    expect(describeStatus(input({ 1: counter }, { config: rules })).magnets).toMatchObject([expected]);
  });

  it("foresees the cap, by account", () => {
    const counters = {
      1: record({ fails: 4 }),
      2: record({ fails: 4 }),
      3: record({ fails: 4, account: "f2" }),
    };
    const { magnets, held } = describeStatus(input(counters, { config: { maxDeletes: 1 } }));
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
    const { magnets } = describeStatus(input(counters, { config: { protect: ["k"] } }));
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
    const counters = { 1: record(), 2: record({ account: "f2" }), 3: record({ account: "f3" }) };
    const view = describeStatus(input(counters, { store: { accounts, sweeps: [SWEEP, last] } }));
    expect(view.magnets.map(({ id, account }) => [id, account])).toEqual([
      ["1", "main"],
      ["2", "gone (no longer configured)"],
      ["3", null],
    ]);
    expect(view.accounts).toMatchObject([
      { name: "main", configured: true, ok: false, error: "no", trouble: null, failing: 1 },
      {
        name: "gone (no longer configured)",
        configured: false,
        former: true,
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

  const named = (accounts: Record<string, AccountHealth>, { store, config }: Given = {}) => {
    const counters = { 1: record({ account: "a" }), 2: record({ account: "b" }) };
    const view = describeStatus(
      input(counters, {
        store: { accounts: new Map(Object.entries(accounts)), ...store },
        config: { ...config },
      }),
    );
    return {
      magnets: view.magnets.map(({ account }) => account),
      accounts: view.accounts.map(({ name, configured, former, ok, failing }) => ({
        name,
        configured,
        former,
        ok,
        failing,
      })),
    };
  };

  it("knows an account by its keys, whatever they are", () => {
    const accounts = { a: { name: "main", keys: ["f0", "f1"] }, b: { name: "main", keys: ["f9"] } };
    expect(named(accounts, { store: { sweeps: [SWEEP] } })).toEqual({
      magnets: ["main", "main (no longer configured)"],
      accounts: [
        { name: "main", configured: true, former: false, ok: true, failing: 1 },
        { name: "main (no longer configured)", configured: false, former: true, ok: null, failing: 1 },
      ],
    });
  });

  it("shows a new key not as the account that had its name", () => {
    const accounts = { a: { name: "main", keys: ["f0"] }, b: { name: "other", keys: ["f9"] } };
    expect(named(accounts, { store: { sweeps: [SWEEP] } })).toEqual({
      magnets: ["main (no longer configured)", "other (no longer configured)"],
      accounts: [
        { name: "main", configured: true, former: false, ok: null, failing: 0 },
        { name: "main (no longer configured)", configured: false, former: true, ok: true, failing: 1 },
        { name: "other (no longer configured)", configured: false, former: true, ok: null, failing: 1 },
      ],
    });
  });

  it("says of nobody that they are no longer configured where not all keys could be read", () => {
    const accounts = { a: { name: "first", keys: ["f0"] }, b: { name: "main", keys: ["f9"] } };
    const { magnets } = named(accounts, { config: { allKeysRead: false } });
    // The last one is another's name.
    expect(magnets).toEqual(["first", "main (no longer configured)"]);
  });

  it("has an account that was renamed since the last sweep", () => {
    const accounts = { a: { name: "earlier", keys: ["f1"] }, b: { name: "b", keys: ["f2"] } };
    const keys = [
      { name: "main", fingerprint: "f1" },
      { name: "spare", fingerprint: "f2" },
      { name: "second key of main", fingerprint: "f1" },
    ];
    const sweep = { ...SWEEP, accounts: [{ name: "earlier", ok: false, error: "no" }] };
    expect(
      named(accounts, { config: { accounts: keys }, store: { sweeps: [sweep] } }).accounts,
    ).toMatchObject([
      { name: "main", ok: false, failing: 1 },
      { name: "spare", ok: null, failing: 1 },
    ]);
  });

  it.each<[string, Partial<CounterRecord>, Partial<StatusInput["config"]>, boolean]>([
    ["three sweeps in a row", { refused: { code: "MAGNET_PROCESSING_COOLDOWN", times: 3 } }, {}, true],
    ["a new code", { refused: { code: "MAGNET_BRAND_NEW", times: 300 } }, {}, true],
    ["after a gap", { refused: { code: "GENERIC", times: 3 }, gap: "needed", had_chance: true }, {}, true],
    ["two sweeps", { refused: { code: "GENERIC", times: 2 } }, {}, false],
    ["the account's trouble", { refused: { code: "MAGNET_MUST_BE_PREMIUM", times: 9 } }, {}, false],
    ["the account's quota", { refused: { code: "MAGNET_TOO_MANY", times: 9 } }, {}, false],
    ["maintenance", { refused: { code: "MAINTENANCE", times: 9 } }, {}, false],
    ["not due yet", { refused: { code: "GENERIC", times: 3 }, fails: 3 }, {}, false],
    ["protected", { refused: { code: "GENERIC", times: 3 } }, { protect: ["*"] }, false],
    ["it had its chance", { refused: { code: "GENERIC", times: 3 }, had_chance: true }, {}, false],
  ])("waiting in vain for a chance: %s", (_, given, rules, expected) => {
    const counter = record({ fails: 4, had_chance: false, filename: "A.mkv", ...given });
    const view = describeStatus(input({ 1: counter }, { config: rules }));
    const { code = "", times: sweeps } = counter.refused ?? {};
    expect(view.waiting_in_vain).toEqual(
      expected ? [{ id: "1", account: "main", filename: "A.mkv", code, sweeps }] : [],
    );
  });

  it("names confirmed deletions that a later sweep did not find done", () => {
    const entry = { fingerprint: "f1", deleted_at: ago(90), record: record({ filename: "A.mkv" }) };
    const confirmed = new Map([
      ["1", { ...entry, id: "1", still_there: ago(5) }],
      ["2", { ...entry, id: "2" }],
    ]);
    expect(describeStatus(input({}, { store: { confirmed } })).still_there).toEqual([
      { id: "1", account: "main", filename: "A.mkv", deleted_at: ago(90), still_there: ago(5) },
    ]);
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
    expect(describeStatus(input({}, { store: { sweeps }, config: { cycleSeconds } })).overdue).toBe(overdue);
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
