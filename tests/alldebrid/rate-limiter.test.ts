import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import {
  OTHER_LIMITS,
  type RateLimit,
  RateLimiter,
  resumeRateLimiter,
  SWEEP_LIMITS,
} from "../../src/alldebrid/rate-limiter.ts";
import type { SweepSummary } from "../../src/core/records.ts";
import { VirtualTime } from "./virtual-time.ts";

afterEach(() => {
  vi.useRealTimers();
});

interface Plan {
  /** When the request is wanted, in milliseconds. */
  readonly wantedAt: number;
  /** From sending to the response. */
  readonly latencyMs: number;
  /** Where on the way the server sees it: 0 is at once, 1 with the response. */
  readonly way: number;
  /** Default: `a`. */
  readonly account?: string;
  /** How long the response asks its account to wait. */
  readonly pauseMs?: number | undefined;
  /** When the request is called off, if it was not sent by then. */
  readonly abortedAt?: number | undefined;
}

interface Course {
  /** What became of each request, in the order in which they were wanted. */
  readonly fates: ("sent" | "called off" | "never")[];
  readonly sent: { readonly at: number; readonly index: number }[];
  /** When the server saw them, in order. */
  readonly arrivals: number[];
}

/** Sends requests through a limiter in virtual time. */
async function live(plans: readonly Plan[], limits: readonly RateLimit[] = SWEEP_LIMITS): Promise<Course> {
  const time = new VirtualTime();
  const limiter = new RateLimiter(limits);
  const fates: Course["fates"] = plans.map(() => "never");
  const sent: Course["sent"] = [];
  const arrivals: number[] = [];
  for (const [index, plan] of plans.entries()) {
    const { account = "a" } = plan;
    const abort = new AbortController();
    if (plan.abortedAt !== undefined) setTimeout(() => abort.abort(), plan.abortedAt);
    setTimeout(async () => {
      const end = await limiter.acquire(account, abort.signal).catch(() => undefined);
      fates[index] = end ? "sent" : "called off";
      if (!end) return;
      sent.push({ at: time.now(), index });
      arrivals.push(time.now() + plan.way * plan.latencyMs);
      setTimeout(() => {
        if (plan.pauseMs !== undefined) limiter.pause(account, plan.pauseMs);
        end();
      }, plan.latencyMs);
    }, plan.wantedAt);
  }
  await time.run();
  return { fates, sent, arrivals: arrivals.sort((a, b) => a - b) };
}

/** The most that one window as long as this holds. */
function most(moments: readonly number[], windowMs: number): number {
  let first = 0;
  let peak = 0;
  for (const [last, moment] of moments.entries()) {
    while (moment - (moments[first] ?? moment) >= windowMs) first++;
    peak = Math.max(peak, last - first + 1);
  }
  return peak;
}

const request = fc.record({
  wantedAt: fc.integer({ min: 0, max: 5_000 }),
  // However long the way.
  latencyMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 20_000 })),
  way: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
  account: fc.constantFrom("a", "b", "c"),
});

describe.each([
  ["a sweep", SWEEP_LIMITS, 10, 540],
  ["every other command", OTHER_LIMITS, 2, 60],
] as const)("the limits of %s", (_, limits, perSecond, perMinute) => {
  it("hold as the server counts, wherever on the way it counts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 3, maxLength: 60 }), async (plans) => {
        const { arrivals } = await live(plans, limits);
        expect(arrivals).toHaveLength(plans.length);
        expect(most(arrivals, 1_000)).toBeLessThanOrEqual(perSecond);
        expect(most(arrivals, 60_000)).toBeLessThanOrEqual(perMinute);
      }),
      { numRuns: 100 },
    );
  });

  it("hold with responses that pause, and none is left waiting for ever", async () => {
    const troubled = fc.record({
      wantedAt: fc.integer({ min: 0, max: 5_000 }),
      latencyMs: fc.integer({ min: 0, max: 1_000 }),
      way: fc.double({ min: 0, max: 1, noNaN: true }),
      account: fc.constantFrom("a", "b"),
      pauseMs: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined, freq: 8 }),
      abortedAt: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined, freq: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(troubled, { minLength: 1, maxLength: 60 }), async (plans) => {
        const { arrivals, fates, sent } = await live(plans, limits);
        expect(most(arrivals, 1_000)).toBeLessThanOrEqual(perSecond);
        expect(fates).not.toContain("never");
        for (const [index, fate] of fates.entries()) {
          if (fate === "called off") expect(plans[index]?.abortedAt).toBeDefined();
        }
        expect(sent).toHaveLength(fates.filter((fate) => fate === "sent").length);
      }),
      { numRuns: 100 },
    );
  });

  it("hold over the minute, and are used", async () => {
    const plans = Array.from({ length: 2 * perMinute }, (_, index) => ({
      wantedAt: 0,
      latencyMs: (index * 37) % 400,
      way: (index % 3) / 2,
    }));
    const { arrivals, sent } = await live(plans, limits);
    expect(most(arrivals, 60_000)).toBeLessThanOrEqual(perMinute);
    expect(most(arrivals, 1_000)).toBeLessThanOrEqual(perSecond);
    expect(sent.slice(0, perSecond).map(({ at }) => at)).toEqual(Array(perSecond).fill(0));
    // The second minute's are not sent later than the limit asks for.
    expect(sent.at(-1)?.at).toBeLessThan(135_000);
  });
});

describe("a place", () => {
  it("is kept until a second after the response, however late that is", async () => {
    const slow = Array.from({ length: 10 }, () => ({ wantedAt: 0, latencyMs: 19_000, way: 1 }));
    const { sent } = await live([...slow, { wantedAt: 10, latencyMs: 50, way: 0 }]);
    expect(sent.at(-1)?.at).toBeGreaterThanOrEqual(20_000);
    expect(sent.at(-1)?.at).toBeLessThan(20_100);
  });

  it("is given in the order of asking", async () => {
    const plans = Array.from({ length: 60 }, (_, i) => ({ wantedAt: i, latencyMs: (i * 37) % 500, way: 0 }));
    const { sent } = await live(plans);
    expect(sent.map(({ index }) => index)).toEqual(plans.map((_, index) => index));
  });

  it("is one of half of all while another account has something to send", async () => {
    const ofA = Array.from({ length: 30 }, () => ({ wantedAt: 0, latencyMs: 15_000, way: 0, account: "a" }));
    const ofB = Array.from({ length: 30 }, () => ({ wantedAt: 0, latencyMs: 50, way: 0, account: "b" }));
    const { sent } = await live([...ofA, ...ofB]);
    const isOfB = ({ index }: { index: number }) => index >= 30;
    const lastOfB = sent.findLastIndex(isOfB);
    // The first takes all, nobody else having asked yet; from then on its share is five until the other is done.
    expect(sent.slice(0, 10).some(isOfB)).toBe(false);
    expect(sent.slice(0, lastOfB).filter((each) => !isOfB(each))).toHaveLength(15);
  });

  it("is one of all where no other account waits, or only a paused one", async () => {
    const ofA = Array.from({ length: 10 }, () => ({ wantedAt: 100, latencyMs: 50, way: 0, account: "a" }));
    const paused = { wantedAt: 0, latencyMs: 10, way: 0, account: "b", pauseMs: 20_000 };
    const waiting = { wantedAt: 50, latencyMs: 10, way: 0, account: "b" };
    const { sent } = await live([paused, waiting, ...ofA]);
    // The place of the one that was answered with a pause counts for a second more.
    expect(sent.filter(({ at, index }) => index >= 2 && at < 1_000)).toHaveLength(9);
    expect(sent.find(({ index }) => index === 1)?.at).toBe(20_010);
  });
});

describe("a pause", () => {
  it("stops its own account, and no other", async () => {
    const plan = { latencyMs: 50, way: 0 };
    const { sent } = await live([
      { ...plan, wantedAt: 0, account: "a", pauseMs: 7_000 },
      { ...plan, wantedAt: 60, account: "a" },
      { ...plan, wantedAt: 60, account: "b" },
    ]);
    expect(sent.find(({ index }) => index === 1)?.at).toBe(7_050);
    expect(sent.find(({ index }) => index === 2)?.at).toBe(60);
  });

  it("of several is the longest", async () => {
    const burst = [7_000, 1_000].map((pauseMs) => ({ wantedAt: 0, latencyMs: 50, way: 0, pauseMs }));
    const { sent } = await live([...burst, { wantedAt: 60, latencyMs: 50, way: 0 }]);
    expect(sent[2]?.at).toBe(7_050);
  });
});

describe("what an earlier process sent", () => {
  it("counts: both together stay within the limits", async () => {
    const time = new VirtualTime();
    const first = new RateLimiter(SWEEP_LIMITS);
    const arrivals: number[] = [];
    const { signal } = new AbortController();
    const send = async (limiter: RateLimiter) => {
      const end = await limiter.acquire("a", signal);
      arrivals.push(time.now());
      end();
    };
    for (let i = 0; i < 8; i++) void send(first);
    await time.run();
    const second = new RateLimiter(SWEEP_LIMITS, first.recentMs());
    for (let i = 0; i < 8; i++) void send(second);
    await time.run();
    expect(arrivals).toHaveLength(16);
    expect(arrivals.filter((at) => at === 0)).toHaveLength(10);
    expect(most(arrivals, 1_000)).toBe(10);
  });

  const NOW = new Date("2026-11-23T12:00:00.000Z");
  const secondsAgo = (seconds: number) => new Date(NOW.getTime() - seconds * 1000).toISOString();
  const ended = (seconds: number, recent: number[]): SweepSummary => ({
    started_at: secondsAgo(seconds),
    finished_at: secondsAgo(seconds),
    exit_code: 0,
    failing: 0,
    restarted: 0,
    deleted: 0,
    held: 0,
    failed: 0,
    forgotten: 0,
    recent_requests_ms: recent,
    accounts: [],
  });

  it.each<[string, SweepSummary | undefined, string | undefined, number]>([
    ["after a good end: what was sent within the minute", ended(10, [0, 500]), undefined, 2],
    ["a good end that is long ago", ended(120, [0, 500]), undefined, 0],
    ["a good end that a clock set back made future", ended(-1, [0]), undefined, 0],
    ["no sweep at all", undefined, undefined, 0],
    ["after a killed one: the whole minute", ended(1800, []), secondsAgo(20), 540],
    ["killed just now", undefined, secondsAgo(0), 540],
    ["killed, and the clock was set back", undefined, secondsAgo(-3600), 540],
    ["killed more than a minute ago", undefined, secondsAgo(120), 0],
  ])("%s", (_, last, aliveAt, known) => {
    expect(resumeRateLimiter(last, aliveAt, NOW).recentMs()).toHaveLength(known);
  });

  it("and was killed keeps the next one silent until a minute after its last sign of life", async () => {
    const time = new VirtualTime();
    const earlier = resumeRateLimiter(undefined, secondsAgo(20), NOW).recentMs();
    const limiter = new RateLimiter(SWEEP_LIMITS, earlier);
    await Promise.all([limiter.acquire("a", new AbortController().signal), time.run()]);
    expect(time.now()).toBeGreaterThanOrEqual(40_000);
    expect(time.now()).toBeLessThan(46_000);
  });
});

describe("a request that is called off", () => {
  it("leaves the queue, and its place to the next", async () => {
    const early = Array.from({ length: 10 }, () => ({ wantedAt: 0, latencyMs: 10, way: 0 }));
    const off = Array.from({ length: 50 }, () => ({ wantedAt: 1, latencyMs: 10, way: 0, abortedAt: 500 }));
    const { fates, sent } = await live([...early, ...off, { wantedAt: 2, latencyMs: 10, way: 0 }]);
    expect(fates.slice(10, 60)).toEqual(Array(50).fill("called off"));
    expect(sent.at(-1)).toMatchObject({ index: 60 });
    expect(sent.at(-1)?.at).toBeLessThan(1_100);
  });

  it("leaves no timer behind, which would keep the process alive for up to a minute", async () => {
    new VirtualTime();
    const limiter = new RateLimiter(SWEEP_LIMITS, Array(540).fill(0));
    const abort = new AbortController();
    const called = ["a", "b"].map((account) => limiter.acquire(account, abort.signal));
    expect(vi.getTimerCount()).toBe(1);
    abort.abort("stopped");
    expect(await Promise.allSettled(called)).toMatchObject([{ reason: "stopped" }, { reason: "stopped" }]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("makes room for nobody who is called off with it, though a window has just ended", async () => {
    new VirtualTime();
    const limiter = new RateLimiter([{ requests: 1, windowMs: 1_000 }]);
    const abort = new AbortController();
    const end = await limiter.acquire("a", abort.signal);
    end();
    const called = ["a", "b"].map((account) => limiter.acquire(account, abort.signal));
    // The signal comes before the timer that is due.
    vi.spyOn(performance, "now").mockReturnValue(1_001);
    abort.abort("stopped");
    expect(await Promise.allSettled(called)).toMatchObject([{ reason: "stopped" }, { reason: "stopped" }]);
    vi.restoreAllMocks();
  });

  it("before it asks, rejects with the reason", async () => {
    const limiter = new RateLimiter(SWEEP_LIMITS);
    await expect(limiter.acquire("a", AbortSignal.abort("stopped"))).rejects.toBe("stopped");
  });
});
