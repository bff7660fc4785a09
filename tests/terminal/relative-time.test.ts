import { expect, it } from "vitest";
import { relativeTime } from "../../src/terminal/relative-time.ts";

const NOW = Date.UTC(2026, 5, 15, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

it.each([
  [0, "just now"],
  [-59_999, "just now"],
  [59_999, "just now"],
  [-MINUTE, "1 min ago"],
  [12 * MINUTE, "in 12 min"],
  [-(HOUR - 1), "59 min ago"],
  [-HOUR, "1 h ago"],
  [-3.9 * HOUR, "3 h ago"],
  [-(2 * DAY - 1), "47 h ago"],
  [-2 * DAY, "2 days ago"],
  [-730 * DAY, "730 days ago"],
  [-800 * DAY, "2 years ago"],
  [400 * DAY, "in 400 days"],
  [4000 * DAY, "in 10 years"],
])("%d ms from now is %s", (distance, expected) => {
  expect(relativeTime(NOW + distance, NOW)).toBe(expected);
  expect(relativeTime(new Date(NOW + distance).toISOString(), NOW)).toBe(expected);
});

it.each(["", "yesterday", Number.NaN, Number.POSITIVE_INFINITY])("%j is not a time", (time) => {
  expect(relativeTime(time, NOW)).toBe("unknown");
});
