import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createAccountClient } from "../../src/alldebrid/client.ts";
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";

const NOW = new Date("2026-03-01T12:00:00Z");

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"], now: NOW });
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

/**
 * Milliseconds between the attempts at a list whose responses have this status and these headers; the first `hangs` of
 * them get no response.
 */
async function waits(status: number, headers: Record<string, string>, hangs = 0): Promise<number[]> {
  const sentAt: number[] = [];
  const client = createAccountClient(
    { name: "main", fingerprint: "fp", key: "key" },
    {
      apiUrl: "https://alldebrid.invalid",
      limiter: new RateLimiter([{ requests: 99, windowMs: 1 }]),
      stopping: new AbortController().signal,
      abort: new AbortController().signal,
      warn: () => {},
      fetch: async (request) => {
        sentAt.push(Date.now());
        if (sentAt.length <= hangs) await new Promise((_, reject) => onAbort(request, reject));
        return new Response("", { status, headers });
      },
    },
  );
  const ended = client.list("error").catch(() => {});
  await vi.advanceTimersByTimeAsync(200_000);
  await ended;
  return sentAt.slice(1).map((at, i) => at - (sentAt[i] ?? 0));
}

function onAbort(request: unknown, reject: (reason: unknown) => void): void {
  if (request instanceof Request)
    request.signal.addEventListener("abort", () => reject(request.signal.reason));
}

const USUAL = [500, 1_000, 2_000];

describe("the wait before a retry", () => {
  beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0.5));

  it("after 20 seconds without a response is 20 seconds at most, so that others wait for a minute at most", async () => {
    expect(await waits(429, { "retry-after": "19" }, 1)).toEqual([20_500, 19_000]);
    expect(await waits(429, { "retry-after": "25" }, 1)).toEqual([20_500]);
  });

  it.each<[string, number, string | undefined, number[]]>([
    ["nothing", 429, undefined, USUAL],
    ["nothing", 502, undefined, USUAL],
    ["seconds", 429, "3", [3_000, 3_000, 3_000]],
    ["seconds", 503, "3", [3_000, 3_000, 3_000]],
    ["seconds between spaces", 429, " 3 ", [3_000, 3_000, 3_000]],
    ["a fraction", 429, "1.5", [1_500, 1_500, 2_000]],
    ["half a minute, which is as long as an account waits in all", 429, "30", [30_000]],
    ["some seconds, which half a minute holds twice", 503, "12", [12_000, 12_000]],
    ["more than half a minute", 429, "31", []],
    ["a year", 503, "31536000", []],
    ["a moment in seconds", 429, "1772366400", []],
    ["more digits than sense", 429, "9".repeat(400), []],
    ["nothing at all", 503, "0", USUAL],
    ["a date in years", 429, "Fri, 01 Mar 2086 12:00:00 GMT", []],
    ["a date gone by", 503, "Sat, 01 Mar 2025 12:00:00 GMT", USUAL],
    ["garbage", 503, "soon", USUAL],
    ["a negative number", 503, "-5", USUAL],
    ["empty", 503, "", USUAL],
  ])("that asks for %s (%i, %s)", async (_, status, retryAfter, expected) => {
    expect(await waits(status, retryAfter === undefined ? {} : { "retry-after": retryAfter })).toEqual(
      expected,
    );
  });

  it("that asks for a date lasts until then", async () => {
    const [first] = await waits(503, { "retry-after": "Sun, 01 Mar 2026 12:00:10 GMT" });
    expect(first).toBe(10_000);
  });

  it("does not come from other headers", async () => {
    const headers = { "ratelimit-reset": "7", "x-ratelimit-reset": "7", "x-rate-limit-reset": "7" };
    expect(await waits(503, headers)).toEqual(USUAL);
  });
});

it("the wait before a retry varies by half, and is bounded whatever is asked", async () => {
  const header = fc.oneof(
    fc.string({ unit: "grapheme-ascii" }),
    fc.date({ noInvalidDate: false }).map(String),
    fc.double().map(String),
    fc.integer({ min: 0, max: 40 }).map(String),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.constantFrom(429, 500, 503), async (retryAfter, status) => {
      for (const [i, wait] of (await waits(status, { "retry-after": retryAfter })).entries()) {
        expect(wait).toBeGreaterThanOrEqual(250 * 2 ** i);
        expect(wait).toBeLessThanOrEqual(30_001);
      }
    }),
    { numRuns: 60 },
  );
});
