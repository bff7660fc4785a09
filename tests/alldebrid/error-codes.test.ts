import { describe, expect, it } from "vitest";
import { explainCode, isChance, isRefusedBefore } from "../../src/alldebrid/errors.ts";
import { isAccountCode } from "../../src/core/evidence.ts";

describe("explainCode", () => {
  it.each([
    "AUTH_MISSING_APIKEY",
    "AUTH_BAD_APIKEY",
    "AUTH_BLOCKED",
    "AUTH_USER_BANNED",
    "NO_SERVER",
    "MAGNET_NO_SERVER",
    "MUST_BE_PREMIUM",
    "MAGNET_MUST_BE_PREMIUM",
    "MAINTENANCE",
    "MAGNET_TOO_MANY_ACTIVE",
    "MAGNET_TOO_MANY",
    "MAGNET_INVALID_ID",
    "MAGNET_PROCESSING",
    "GENERIC",
    "404",
    "DISCONTINUED",
  ])("gives %s a line of its own, and nothing of AllDebrid's message", (code) => {
    const line = explainCode(code, "<a href='https://x/?token=s3cret'>s3cret</a>");
    expect(line).toMatch(new RegExp(`^\\S.{15,}\\(${code}\\)$`));
    expect(line).not.toContain("s3cret");
  });

  it.each<[string, string | undefined, string]>([
    ["NEW_CODE", undefined, "NEW_CODE"],
    ["NEW_CODE", "", "NEW_CODE"],
    ["NEW_CODE", "Something <b>else</b>", "Something else (NEW_CODE)"],
    ["NEW_CODE", "See https://x/?token=s3cret now", "See [link] now (NEW_CODE)"],
    ["NEW_CODE", 'Go <a href="https://x/?token=s3cret">there</a>', "Go there (NEW_CODE)"],
    ["NEW_CODE", "a\n<0>panic\u001b[31m", "a panic [31m (NEW_CODE)"],
    ["NEW_CODE", `Go <a href="https://x/?token=s3cret${"x".repeat(2_000)}">there</a>`, "Go (NEW_CODE)"],
    ["A\nB", "m", "m (A B)"],
    ["constructor", undefined, "constructor"],
    ["__proto__", "m", "m (__proto__)"],
    ["toString", undefined, "toString"],
  ])("of %j with %j makes %j", (code, message, line) => {
    expect(explainCode(code, message)).toBe(line);
  });

  it("keeps long messages short", () => {
    // Quickly, too: ten million characters of either would last for hours otherwise.
    for (const unit of ["m", "<", "http://"]) {
      expect(explainCode("C".repeat(1_000), unit.repeat(10_000_000)).length).toBeLessThan(300);
    }
  });
});

it.each<[string, boolean, boolean, boolean]>([
  ["AUTH_BAD_APIKEY", true, false, true],
  ["AUTH_ANYTHING", true, false, true],
  ["NO_SERVER", true, false, true],
  ["MAGNET_NO_SERVER", true, false, true],
  ["MUST_BE_PREMIUM", true, false, true],
  ["MAGNET_MUST_BE_PREMIUM", true, false, true],
  ["FREE_TRIAL_LIMIT_REACHED", true, false, false],
  ["MAINTENANCE", true, false, false],
  ["DISCONTINUED", true, false, true],
  ["404", true, false, true],
  ["MAGNET_TOO_MANY_ACTIVE", false, false, false],
  ["MAGNET_TOO_MANY", false, false, false],
  ["MAGNET_PROCESSING", false, true, false],
  ["MAGNET_PROCESSING_FAILED", false, true, false],
  ["MAGNET_TOOK_TOO_LONG", false, true, false],
  ["MAGNET_LINKS_REMOVED", false, true, false],
  ["MAGNET_CANT_BOOTSTRAP", false, true, false],
  ["MAGNET_TOO_LARGE", false, true, false],
  ["MAGNET_MAGNET_TOO_BIG", false, true, false],
  ["MAGNET_PROCESSING_COOLDOWN", false, false, false],
  ["MAGNET_INTERNAL_ERROR", false, false, false],
  ["MAGNET_UPLOAD_FAILED", false, false, false],
  ["ACCOUNT_INVALID", false, false, false],
  ["MAGNET_INVALID_ID", false, false, false],
  ["MAGNET_NEW", false, false, false],
  ["GENERIC", false, false, false],
  ["MAINTENANCE_OF_SOMETHING", false, false, false],
  ["NO_SERVER_LEFT", false, false, false],
])(
  "%s is about the account: %s, a chance given: %s, known to come before anything is done: %s",
  (...expected) => {
    const [code] = expected;
    expect([code, isAccountCode(code), isChance(code), isRefusedBefore(code)]).toEqual(expected);
  },
);
