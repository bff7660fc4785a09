import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/alldebrid/client.ts";

const NOW = new Date("2026-03-01T12:00:00Z");

describe("backoffMs", () => {
  it.each<[string, number, string | null, number]>([
    ["nothing asked, first time", 1, null, 500],
    ["nothing asked, second time", 2, null, 1_000],
    ["nothing asked, third time", 3, null, 2_000],
    ["nothing asked, often", 12, null, 30_000],
    ["seconds", 1, "3", 3_000],
    ["seconds between spaces", 1, " 3 ", 3_000],
    ["a fraction", 1, "1.5", 1_500],
    ["a year", 1, "31536000", 30_000],
    ["more digits than sense", 1, "9".repeat(400), 30_000],
    ["nothing at all", 1, "0", 250],
    ["a date", 1, "Sun, 01 Mar 2026 12:00:10 GMT", 10_000],
    ["a date in years", 1, "Fri, 01 Mar 2086 12:00:00 GMT", 30_000],
    ["a date gone by", 1, "Sat, 01 Mar 2025 12:00:00 GMT", 250],
    ["garbage", 1, "soon", 500],
    ["a negative number", 1, "-5", 500],
    ["empty", 1, "", 500],
  ])("%s", (_, attempts, retryAfter, expected) => {
    expect(backoffMs(attempts, retryAfter, NOW, 0.5)).toBe(expected);
  });

  it("is never negative, endless or no number, and varies by half", () => {
    const header = fc.option(
      fc.oneof(fc.string(), fc.date({ noInvalidDate: false }).map(String), fc.double().map(String)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        header,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (...given) => {
          const [attempts, retryAfter, random] = given;
          const wait = backoffMs(attempts, retryAfter, NOW, random);
          expect(wait).toBeGreaterThanOrEqual(125);
          expect(wait).toBeLessThanOrEqual(30_000);
        },
      ),
    );
    expect([0, 1].map((random) => backoffMs(1, null, NOW, random))).toEqual([250, 750]);
  });
});
