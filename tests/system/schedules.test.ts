import { describe, expect, it } from "vitest";
import { calendarFor } from "../../src/commands/check-timer.ts";
import { cronSeconds } from "../../src/system/crontab.ts";
import { parseSystemdTime } from "../../src/system/systemd.ts";

describe("cronSeconds", () => {
  it.each([
    ["*/30 * * * * magnets run-once", 1800],
    ["* * * * * magnets run-once", 60],
    ["5,35 * * * * magnets run-once", 1800],
    ["0 * * * * magnets run-once", 3600],
    ["@hourly magnets run-once", 3600],
    ["0 3 * * * magnets run-once", undefined],
    ["*/7 2-5 * * * magnets run-once", undefined],
    ["", undefined],
  ])("%s", (line, seconds) => expect(cronSeconds(line)).toBe(seconds));
});

describe("calendarFor", () => {
  it.each([
    [60, "*:*"],
    [900, "*:0/15"],
    [1800, "*:0/30"],
    [3600, "*:00"],
    [7200, "0/2:00"],
    [86_400, "daily"],
    [2700, undefined],
    [90, undefined],
    [18_000, undefined],
  ])("%d s", (seconds, expression) => expect(calendarFor(seconds)).toBe(expression));
});

describe("parseSystemdTime", () => {
  it.each([
    ["Mon 2026-11-23 16:30:00 UTC", "2026-11-23T16:30:00.000Z"],
    ["n/a", undefined],
    ["", undefined],
    ["Mon 2026-99-23 16:30:00 UTC", undefined],
  ])("%s", (text, expected) => expect(parseSystemdTime(text)?.toISOString()).toBe(expected));
});
