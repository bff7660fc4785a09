import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { expect, it } from "vitest";
import type { FailingStatus, ListName } from "../../src/core/magnet.ts";
import type { Log } from "../../src/core/ports.ts";
import { sweep } from "../../src/core/sweep.ts";
import { CountingModel } from "./counting-model.ts";
import { type DeletionTrouble, MemoryAccount, type Trouble, type WorldMagnet } from "./memory-account.ts";
import { emptyDisk, openMemoryStore } from "./memory-store.ts";

const MAGNETS = 7;
const LONGEST_GAP = 3600;
const silent: Log = { debug: () => {}, info: () => {}, warning: () => {}, error: () => {} };

/** Rarely: one chance in eight. */
const rarely = fc.nat({ max: 7 }).map((n) => n === 0);
const ids = fc.subarray(Array.from({ length: MAGNETS }, (_, index) => String(index)));
const some = (weight: number) =>
  fc.oneof({ weight, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: ids });
const lists = fc.constantFrom<FailingStatus[]>(["error"], ["expired"], ["error", "expired"]);

/** What happens to a magnet between two sweeps. */
const event = fc.oneof(
  { weight: 12, arbitrary: fc.constant("fails" as const) },
  { weight: 2, arbitrary: fc.constant("processing" as const) },
  { weight: 1, arbitrary: fc.constant("ready" as const) },
  { weight: 1, arbitrary: fc.constant("gone" as const) },
  { weight: 1, arbitrary: fc.constant("lies" as const) },
);

const troubles = fc.record({
  listsDown: fc.oneof(
    { weight: 5, arbitrary: fc.constant<ListName[]>([]) },
    { weight: 1, arbitrary: fc.subarray<ListName>(["expired", "error", "ready", "active"]) },
    { weight: 1, arbitrary: fc.constant<ListName[]>(["expired", "error", "ready", "active"]) },
  ),
  asksDown: rarely,
  restartsDown: rarely,
  slots: fc.oneof({ weight: 3, arbitrary: fc.constant(30) }, { weight: 1, arbitrary: fc.nat({ max: 3 }) }),
  refused: some(2),
  refusedFor: fc.constantFrom("own" as const, "not own" as const),
  undeleted: some(1),
  undeletedFor: fc.constantFrom<DeletionTrouble[]>("refused", "account", "lost, done", "lost, not done"),
  vanishing: some(5),
});

const pace = fc.array(fc.nat({ max: 25 }), { minLength: 1, maxLength: 4 });

const story = fc.record({
  policy: fc.record({
    maxRetries: fc.oneof(
      fc.integer({ min: 1, max: 4 }).map((n) => ({ expired: n, error: n })),
      fc.record({ expired: fc.integer({ min: 1, max: 4 }), error: fc.integer({ min: 1, max: 4 }) }),
    ),
    minFailingHours: fc.constantFrom(0, 0, 0, 0.5, 1.5),
    maxDeletes: fc.constantFrom(0, 1, 2, 100, 100),
    protect: some(3),
  }),
  /** Whether the first account has two keys. */
  twoKeys: fc.boolean(),
  /** The account of each magnet. */
  homes: fc.array(fc.constantFrom(0, 0, 1), { minLength: MAGNETS, maxLength: MAGNETS }),
  /** Counters taken over from the original. */
  original: fc.array(fc.tuple(fc.nat({ max: MAGNETS + 1 }), fc.nat({ max: 4 })), { maxLength: 4 }),
  sweeps: fc.array(
    fc.record({
      minutes: fc.constantFrom(30, 30, 30, 5, 600, -90, 5_000_000),
      events: fc.array(fc.tuple(event, lists), { minLength: MAGNETS, maxLength: MAGNETS }),
      troubles: fc.tuple(troubles, troubles),
      /** How long the answers to each key take, in turns of the event loop's smallest wheel. */
      paces: fc.tuple(pace, pace, pace),
    }),
    { minLength: 1, maxLength: 9 },
  ),
});

type Story = typeof story extends fc.Arbitrary<infer T> ? T : never;
type Event = typeof event extends fc.Arbitrary<infer T> ? T : never;
type Troubles = typeof troubles extends fc.Arbitrary<infer T> ? T : never;

/** Lives through a story with a real sweep and with the model, and compares them after each sweep. */
async function live({ policy, twoKeys, homes, original, sweeps }: Story): Promise<string[]> {
  const disk = emptyDisk();
  const model = new CountingModel();
  for (const [index, fails] of original) {
    const id = String(index);
    disk.counters.set(id, { fails, last_status: "error" });
    model.counters.set(id, { fails, status: "error", restarts: fails, chance: true, seconds: 0 });
  }
  const accounts = [0, 1].map(() => new MemoryAccount(disk, troubleOf(calm)));
  let now = Date.parse("2026-03-01T12:00:00Z") / 1000;
  const happened: string[] = [];

  for (const step of sweeps) {
    now += step.minutes * 60;
    for (const [index, account] of accounts.entries()) {
      const trouble = troubleOf(step.troubles[index] ?? calm);
      // Of two keys one may look after another hand was there; then they don't see the same account.
      account.begin(twoKeys ? { ...trouble, vanishing: new Set() } : trouble);
    }
    for (const [index, [what, where]] of step.events.entries()) {
      const account = accounts[homes[index] ?? 0];
      if (account) befall(account.magnets, String(index), what, where);
    }
    const before = accounts.map(({ magnets }) => new Map([...magnets].map(([id, it]) => [id, { ...it }])));
    const counted = new Map([...disk.counters].map(([id, record]) => [id, { ...record }]));

    const [main, other] = accounts as [MemoryAccount, MemoryAccount];
    const [first, second, third] = step.paces.map(pauses) as [Pause, Pause, Pause];
    const clients = [main.client("main", first), other.client("other", second)];
    if (twoKeys) clients.push(main.client("main-too", third));
    const outcome = await sweep({
      clients,
      store: openMemoryStore(disk),
      policy,
      log: silent,
      now: () => new Date(now * 1000),
      stopping: new AbortController(),
      sleep: async () => {},
      newKey: randomUUID,
      longestGapSeconds: LONGEST_GAP,
      announce: true,
      dryRun: false,
    });
    const view = accounts.map((account, index) => ({
      magnets: before[index] ?? new Map(),
      trouble: account.trouble,
      tried: new Set(account.deletes),
      restartOrder: account.restarts.flat(),
    }));
    const actions = model.sweep(view, policy, now, LONGEST_GAP);

    expect(accounts.flatMap((account) => account.faults)).toEqual([]);
    expect(Object.fromEntries(outcome.magnets.map(({ id, action }) => [id, action]))).toEqual(
      Object.fromEntries(actions),
    );
    const ownerOf = (fingerprint?: string) => fingerprint && (fingerprint === "fp-other" ? 1 : 0);
    expect(
      Object.fromEntries(
        [...disk.counters].map(([id, record]) => [
          id,
          [
            record.fails,
            record.last_status,
            record.had_chance ?? true,
            record.failing_seconds ?? 0,
            ownerOf(record.account),
          ],
        ]),
      ),
    ).toEqual(
      Object.fromEntries(
        [...model.counters].map(([id, { fails, status, chance, seconds, owner }]) => [
          id,
          [fails, status, chance, seconds, owner],
        ]),
      ),
    );
    expect([...disk.intents.keys()].sort()).toEqual([...model.doubtful.keys()].sort());
    const { pending } = disk.outbox;
    expect(pending.flatMap((notice) => (notice.kind === "deletion" ? notice.id : [])).sort()).toEqual(
      [...model.announced].sort(),
    );
    expect(disk.deletions.map(({ id }) => id).sort()).toEqual([...model.announced].sort());
    expect(new Set(pending.map(({ key }) => key)).size).toBe(pending.length);
    const caps = pending.flatMap((notice) => (notice.kind === "cap" ? notice.account : []));
    expect(caps.map((account) => (account === "other" ? 1 : 0)).sort()).toEqual([...model.capsTold].sort());

    for (const account of accounts) {
      const { asksDown, listsDown, restartsDown, deletions } = account.trouble;
      expect(account.deletes).toEqual([...new Set(account.deletes)]);
      expect(account.questions.length).toBeLessThanOrEqual(50 * (twoKeys ? 2 : 1));
      const order = account.restarts
        .flat()
        .map((id) => counted.get(id)?.restarts ?? counted.get(id)?.fails ?? 0);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      if (!asksDown && listsDown.length === 0 && !restartsDown && deletions.size === 0) continue;
      happened.push("trouble");
    }
    const isCalm = accounts.every(({ trouble }) => isEmpty(trouble));
    const caused = [...actions.values()].includes("held") && policy.maxDeletes > 0;
    if (isCalm && !caused) expect(outcome.attention).toEqual([]);
    happened.push(...actions.values(), ...caps.map(() => "cap"), ...[...model.doubtful].map(() => "doubt"));
    for (const account of accounts) account.vanish();
  }
  return happened;
}

it("leaves a deletion that another key of the account has begun to that key", async () => {
  // Each key settles what was left in doubt, and waits for an answer about the one magnet that is gone.
  const lost: Partial<Troubles> = { undeleted: ["1", "4"], undeletedFor: "lost, not done" };
  const sweepWith = (given: Partial<Troubles>, gone: string[], [main, more]: [number, number]) => ({
    minutes: 30 as const,
    events: Array.from({ length: MAGNETS }, (_, index): [Event, FailingStatus[]] => [
      gone.includes(String(index)) ? "gone" : "fails",
      ["error"],
    ]),
    troubles: [{ ...calm, asksDown: true, ...given }, calm] as [Troubles, Troubles],
    paces: [[main], [0], [more]] as [number[], number[], number[]],
  });
  for (let main = 0; main < 12; main++) {
    for (let more = 0; more < 12; more++) {
      await live({
        policy: { maxRetries: { expired: 1, error: 1 }, minFailingHours: 0, maxDeletes: 0, protect: [] },
        twoKeys: true,
        homes: Array(MAGNETS).fill(0),
        original: [],
        sweeps: [sweepWith(lost, [], [0, 0]), sweepWith({}, ["1"], [main, more])],
      });
    }
  }
});

const calm: Troubles = {
  listsDown: [],
  asksDown: false,
  restartsDown: false,
  slots: 30,
  refused: [],
  refusedFor: "own",
  undeleted: [],
  undeletedFor: "refused",
  vanishing: [],
};

function troubleOf(given: Troubles): Trouble {
  const { refused, refusedFor, undeleted, undeletedFor, vanishing, ...rest } = given;
  return {
    ...rest,
    refusals: new Map(refused.map((id) => [id, refusedFor])),
    deletions: new Map(undeleted.map((id) => [id, undeletedFor])),
    vanishing: new Set(vanishing),
  };
}

function isEmpty({ listsDown, asksDown, restartsDown, refusals, deletions, vanishing }: Trouble): boolean {
  const all = listsDown.length + refusals.size + deletions.size + vanishing.size;
  return all === 0 && !asksDown && !restartsDown;
}

type Pause = () => Promise<void>;

/** Pauses of so many turns, one after the other and again. */
function pauses(turns: readonly number[]): Pause {
  let calls = 0;
  return async () => {
    for (let left = turns[calls++ % turns.length] ?? 0; left > 0; left--) await null;
  };
}

function befall(
  magnets: Map<string, WorldMagnet>,
  id: string,
  what: Event,
  where: readonly FailingStatus[],
): void {
  if (what === "gone") return void magnets.delete(id);
  const state = what === "fails" || what === "lies" ? "failing" : what;
  magnets.set(id, { id, state, lists: where, liar: what === "lies" });
}

it("counts, restarts, deletes, holds, forgets and announces as the model does, whatever happens", async () => {
  const seen = new Map<string, number>();
  await fc.assert(
    fc.asyncProperty(story, async (given) => {
      for (const what of await live(given)) seen.set(what, (seen.get(what) ?? 0) + 1);
    }),
    { numRuns: 400 },
  );
  // The stories were worth telling.
  for (const what of ["restarted", "deleted", "held", "failed", "forgotten", "cap", "doubt", "trouble"]) {
    expect(seen.get(what) ?? 0, what).toBeGreaterThan(5);
  }
});
