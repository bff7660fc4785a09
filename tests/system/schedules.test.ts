import { describe, expect, it } from "vitest";
import { calendarFor } from "../../src/commands/check-timer.ts";
import { cronSweeps } from "../../src/system/starter.ts";
import { parseSystemdTimes } from "../../src/system/systemd.ts";

const HOUR = 3600;
const DAY = 24 * HOUR;

describe("cronSweeps", () => {
  const now = new Date("2026-11-26T10:00:00Z");
  const intervals = (...lines: string[]) => {
    const { shortest, longest } = cronSweeps(lines, now)?.interval ?? {};
    return [shortest, longest];
  };

  it.each([
    ["*/30 * * * *", 1800, 1800],
    ["* * * * *", 60, 60],
    ["5,35 * * * *", 1800, 1800],
    ["5-59/30 * * * *", 1800, 1800],
    ["5/30 * * * *", 1800, 1800],
    ["0 * * * *", HOUR, HOUR],
    ["@hourly", HOUR, HOUR],
    ["@Daily", DAY, DAY],
    ["@midnight", DAY, DAY],
    ["@weekly", 7 * DAY, 7 * DAY],
    ["@monthly", 28 * DAY, 31 * DAY],
    ["0 3 * * *", DAY, DAY],
    ["0 */6 * * *", 6 * HOUR, 6 * HOUR],
    // Not each 45 minutes: at :00 and :45.
    ["*/45 * * * *", 900, 2700],
    ["10,20 1-3 * * *", 600, 22 * HOUR - 600],
    ["0 0 * * mon-fri", DAY, 3 * DAY],
    ["0 0 * * Sun", 7 * DAY, 7 * DAY],
    ["0 0 * * 7", 7 * DAY, 7 * DAY],
    ["0 0 * jan,JUL mon", 7 * DAY, undefined],
    // Either of the two days.
    ["0 0 1 * 1", DAY, 7 * DAY],
  ])("%s", (schedule, shortest, longest) => {
    for (const command of ["magnets run-once", "root /usr/bin/magnets run-once >/dev/null 2>&1"]) {
      const found = intervals(`${schedule} ${command}`);
      expect(found).toEqual([shortest, longest ?? found[1]]);
    }
  });

  it("adds up all entries", () => {
    expect(intervals("0 * * * * magnets run-once", "30 * * * * magnets run-once --json")).toEqual([
      1800, 1800,
    ]);
    expect(intervals("@reboot magnets run-once", "@hourly magnets run-once")).toEqual([HOUR, HOUR]);
  });

  it("says so where all there is starts at boot", () => {
    expect(cronSweeps(["@reboot magnets run-once"], now)).toEqual({ onlyAtBoot: true });
  });

  it.each(["60 * * * *", "*/0 * * * *", "5-3 * * * *", "0 0 * foo *", "@sometimes"])(
    "does not guess what %s means",
    (schedule) => {
      expect(cronSweeps([`${schedule} magnets run-once`], now)).toEqual({ onlyAtBoot: false });
    },
  );

  it.each([
    "*/30 * * * * out=$(magnets run-once 2>&1) || { code=$?; }",
    "*/30 * * * * cd /opt/magnets && node bin/magnets.js run-once",
    "*/30 * * * * PATH=/usr/bin magnets -c /x.json run-once --max-deletes 3",
    "*/30 * * * * magnets run-once --dry-run; magnets run-once",
    "*/30 * * * * sh -c 'magnets run-once'",
    "  */30\t*\t*\t*\t*\tmagnets run-once # not --dry-run",
  ])("finds a sweep in %s", (line) => expect(intervals(line)).toEqual([1800, 1800]));

  it.each([
    "# */30 * * * * magnets run-once",
    "*/30 * * * * magnets run-once --dry-run",
    "*/30 * * * * magnets --dry-run run-once --json | mail me",
    "*/30 * * * * sh -c 'magnets run-once --dry-run'",
    "*/30 * * * * magnets status",
    "*/30 * * * * ls /etc/magnets; other run-once",
    "COMMAND=magnets run-once",
    "",
  ])("finds none in %s", (line) => expect(cronSweeps([line], now)).toBeUndefined());
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

describe("parseSystemdTimes", () => {
  it.each([
    ["Mon 2026-11-23 16:30:00 UTC", "2026-11-23T16:30:00.000Z"],
    ["n/a", undefined],
    ["", undefined],
    ["Mon 2026-99-23 16:30:00 UTC", undefined],
  ])("%s", (text, expected) => expect(parseSystemdTimes(text)[0]?.toISOString()).toBe(expected));
});
