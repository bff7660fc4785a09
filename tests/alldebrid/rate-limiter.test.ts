import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALLDEBRID_LIMITS, RateLimiter, realTiming } from "../../src/alldebrid/rate-limiter.ts";
import { VirtualTime } from "./virtual-time.ts";

interface Plan {
  /** When the request is wanted, in milliseconds. */
  readonly wantedAt: number;
  /** From sending to the answer. */
  readonly latencyMs: number;
  /** Where on the way the server sees it: 0 is at once, 1 with the answer. */
  readonly way: number;
  /** What the answer asks for, if it is a 429. */
  readonly pauseMs?: number | undefined;
  /** It is a 503. */
  readonly busy?: boolean | undefined;
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
async function live(plans: readonly Plan[]): Promise<Course> {
  const time = new VirtualTime();
  const limiter = new RateLimiter(ALLDEBRID_LIMITS, time);
  const fates: Course["fates"] = plans.map(() => "never");
  const sent: Course["sent"] = [];
  const arrivals: number[] = [];
  for (const [index, plan] of plans.entries()) {
    const abort = new AbortController();
    if (plan.abortedAt !== undefined) time.at(plan.abortedAt, () => abort.abort());
    time.at(plan.wantedAt, async () => {
      const answered = await limiter.acquire(abort.signal).catch(() => undefined);
      fates[index] = answered ? "sent" : "called off";
      if (!answered) return;
      sent.push({ at: time.now(), index });
      arrivals.push(time.now() + plan.way * plan.latencyMs);
      time.after(plan.latencyMs, () => {
        if (plan.pauseMs !== undefined) limiter.pause(plan.pauseMs);
        if (plan.busy) limiter.slowDown();
        answered();
      });
    });
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
  // A request is taken to have reached the server within five seconds.
  latencyMs: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 0, max: 5_000 })),
  way: fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true })),
});

describe("the limits of AllDebrid", () => {
  it("hold as the server counts, wherever on the way it counts", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 13, maxLength: 120 }), async (plans) => {
        const { arrivals } = await live(plans);
        expect(arrivals).toHaveLength(plans.length);
        expect(most(arrivals, 1_000)).toBeLessThanOrEqual(12);
      }),
      { numRuns: 150 },
    );
  });

  it("hold with answers that pause or slow down, and none is left waiting for ever", async () => {
    const troubled = fc.record({
      wantedAt: fc.integer({ min: 0, max: 5_000 }),
      latencyMs: fc.integer({ min: 0, max: 1_000 }),
      way: fc.double({ min: 0, max: 1, noNaN: true }),
      pauseMs: fc.option(fc.integer({ min: 0, max: 30_000 }), { nil: undefined, freq: 8 }),
      busy: fc.boolean(),
      abortedAt: fc.option(fc.integer({ min: 0, max: 20_000 }), { nil: undefined, freq: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(troubled, { minLength: 1, maxLength: 80 }), async (plans) => {
        const { arrivals, fates, sent } = await live(plans);
        expect(most(arrivals, 1_000)).toBeLessThanOrEqual(12);
        expect(fates).not.toContain("never");
        for (const [index, fate] of fates.entries()) {
          if (fate === "called off") expect(plans[index]?.abortedAt).toBeDefined();
        }
        expect(sent).toHaveLength(fates.filter((fate) => fate === "sent").length);
      }),
      { numRuns: 150 },
    );
  });

  it("hold over the minute", async () => {
    const latencies = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 7, maxLength: 7 });
    await fc.assert(
      fc.asyncProperty(latencies, async (pattern) => {
        const plans = Array.from({ length: 1_300 }, (_, index) => ({
          wantedAt: 0,
          latencyMs: pattern[index % pattern.length] ?? 0,
          way: (index % 3) / 2,
        }));
        const { arrivals } = await live(plans);
        expect(arrivals).toHaveLength(1_300);
        expect(most(arrivals, 60_000)).toBeLessThanOrEqual(600);
        expect(most(arrivals, 1_000)).toBeLessThanOrEqual(12);
      }),
      { numRuns: 4 },
    );
  });

  it("are used: what needs no waiting does not wait, and the rest goes at the full pace", async () => {
    const plans = Array.from({ length: 120 }, () => ({ wantedAt: 0, latencyMs: 20, way: 0.5 }));
    const { sent } = await live(plans);
    expect(sent.slice(0, 12).map(({ at }) => at)).toEqual(Array(12).fill(0));
    expect(sent.at(-1)?.at).toBeLessThanOrEqual(9 * 1_000 * 1.06);
  });

  it("serve in the order of asking", async () => {
    const plans = Array.from({ length: 60 }, (_, i) => ({ wantedAt: i, latencyMs: (i * 37) % 500, way: 0 }));
    const { sent } = await live(plans);
    expect(sent.map(({ index }) => index)).toEqual(plans.map((_, index) => index));
  });
});

describe("a pause", () => {
  const burst = (count: number, more: Partial<Plan>, from = 0) =>
    Array.from({ length: count }, () => ({ wantedAt: from, latencyMs: 50, way: 0, ...more }));

  it("stops everybody", async () => {
    const { sent } = await live([...burst(1, { pauseMs: 7_000 }), ...burst(30, {}, 60)]);
    expect(sent[1]?.at).toBe(7_050);
  });

  it("of a whole burst halves the pace once, which grows back", async () => {
    const { sent } = await live([...burst(12, { pauseMs: 1_000 }), ...burst(400, {}, 2_000)]);
    const after = sent.slice(12).map(({ at }) => at - 2_000);
    expect(after.filter((at) => at < 1_000)).toHaveLength(6);
    expect(
      most(
        after.filter((at) => at > 30_000),
        1_000,
      ),
    ).toBe(12);
  });

  it("that comes again and again slows down to one a second, never to none", async () => {
    const { sent, fates } = await live(burst(40, { pauseMs: 1_100 }));
    expect(fates).not.toContain("never");
    expect(sent.at(-1)?.at).toBeLessThan(40 * 2_500);
  });
});

describe("a server that does not answer", () => {
  it("holds the others up for seconds only", async () => {
    const hanging = Array.from({ length: 12 }, () => ({ wantedAt: 0, latencyMs: 30_000, way: 0 }));
    const { sent } = await live([...hanging, { wantedAt: 10, latencyMs: 50, way: 0 }]);
    expect(sent.at(-1)?.at).toBeLessThan(7_500);
  });
});

describe("the pace of an earlier process", () => {
  it("is gone on with: both together stay within the limits", async () => {
    const time = new VirtualTime();
    const first = new RateLimiter(ALLDEBRID_LIMITS, time);
    const arrivals: number[] = [];
    const send = async (limiter: RateLimiter) => {
      const answered = await limiter.acquire();
      arrivals.push(time.now());
      answered();
    };
    for (let i = 0; i < 9; i++) void send(first);
    await time.run();
    const second = new RateLimiter(ALLDEBRID_LIMITS, time, first.recentMs());
    for (let i = 0; i < 9; i++) void send(second);
    await time.run();
    expect(arrivals).toHaveLength(18);
    expect(arrivals.filter((at) => at === 0)).toHaveLength(12);
    expect(most(arrivals, 1_000)).toBe(12);
  });
});

describe("a request that is called off", () => {
  it("leaves the queue, and its place to the next", async () => {
    const early = Array.from({ length: 12 }, () => ({ wantedAt: 0, latencyMs: 10, way: 0 }));
    const off = Array.from({ length: 50 }, () => ({ wantedAt: 1, latencyMs: 10, way: 0, abortedAt: 500 }));
    const { fates, sent } = await live([...early, ...off, { wantedAt: 2, latencyMs: 10, way: 0 }]);
    expect(fates.slice(12, 62)).toEqual(Array(50).fill("called off"));
    expect(sent.at(-1)).toMatchObject({ index: 62 });
    expect(sent.at(-1)?.at).toBeLessThan(1_100);
  });

  it("before it asks, rejects with the reason", async () => {
    const limiter = new RateLimiter(ALLDEBRID_LIMITS, new VirtualTime());
    await expect(limiter.acquire(AbortSignal.abort("stopped"))).rejects.toBe("stopped");
  });
});

it("the real clock runs, calls back, and can be told not to", async () => {
  const before = realTiming.now();
  const never = realTiming.after(0, () => expect.unreachable());
  never();
  await new Promise<void>((resolve) => realTiming.after(1, resolve));
  expect(realTiming.now()).toBeGreaterThan(before);
});
