import { expect, test } from "vitest";
import { alertCauseOf, type Evidence, noEvidence } from "../../src/core/evidence.ts";
import { noteTrouble } from "../../src/core/note-health.ts";
import type { AccountHealth } from "../../src/core/records.ts";

const NOW = new Date("2026-03-01T12:00:00.000Z");
const SINCE = "2026-02-01T00:00:00.000Z";
const premium = { username: "main", isPremium: true, isTrial: false };

const refused = (...codes: string[]): Pick<Evidence, "refusals"> => ({
  refusals: new Map(
    codes.flatMap((code) => {
      const cause = alertCauseOf(code);
      return cause ? [[cause, { code, message: code }] as const] : [];
    }),
  ),
});

/** The trouble before (told), what a sweep met, and the trouble after and what was told. */
function note(code: string | undefined, evidence: Partial<Evidence>): [string | undefined, string[]] {
  const told: string[] = [];
  const health: AccountHealth = { name: "main" };
  if (code !== undefined) health.trouble = { code, since: SINCE, told: true };
  const changes = noteTrouble(health, { ...noEvidence(), ...evidence }, { now: NOW, announce: true });
  for (const { alert } of changes) {
    if (alert) told.push(`${alert.code} ${alert.resolved ? "is over" : "begins"}`);
  }
  return [health.trouble?.code, told];
}

test.each<[string, string | undefined, Partial<Evidence>, string | undefined, string[]]>([
  ["nothing was answered", undefined, {}, undefined, []],
  ["a bad key", undefined, refused("AUTH_BAD_APIKEY"), "AUTH_BAD_APIKEY", ["AUTH_BAD_APIKEY begins"]],
  ["it goes on", "AUTH_BAD_APIKEY", refused("AUTH_BAD_APIKEY"), "AUTH_BAD_APIKEY", []],
  ["nobody answers", "AUTH_BAD_APIKEY", {}, "AUTH_BAD_APIKEY", []],
  ["it is over", "AUTH_BAD_APIKEY", { listed: true }, undefined, ["AUTH_BAD_APIKEY is over"]],
  [
    "of several, the worst",
    undefined,
    refused("MUST_BE_PREMIUM", "AUTH_USER_BANNED"),
    "AUTH_USER_BANNED",
    ["AUTH_USER_BANNED begins"],
  ],
  [
    "of several, the one known",
    "MUST_BE_PREMIUM",
    refused("MUST_BE_PREMIUM", "NO_SERVER"),
    "MUST_BE_PREMIUM",
    [],
  ],
  ["another", "AUTH_BLOCKED", refused("AUTH_USER_BANNED"), "AUTH_USER_BANNED", ["AUTH_USER_BANNED begins"]],
  ["what passes by itself", undefined, refused("MAINTENANCE", "GENERIC", "404"), undefined, []],
  [
    "restarts refused, lists not",
    "MAGNET_NO_SERVER",
    { listed: true, user: premium },
    "MAGNET_NO_SERVER",
    [],
  ],
  ["restarts open again", "MAGNET_NO_SERVER", { restarts: true }, undefined, ["MAGNET_NO_SERVER is over"]],
  [
    "an address refused everywhere is open again",
    "NO_SERVER",
    { listed: true },
    undefined,
    ["NO_SERVER is over"],
  ],
  [
    "premium is over by /v4/user",
    undefined,
    { user: { ...premium, isPremium: false } },
    "MUST_BE_PREMIUM",
    ["MUST_BE_PREMIUM begins"],
  ],
  ["a trial", undefined, { user: { ...premium, isPremium: false, isTrial: true } }, undefined, []],
  ["lists alone say nothing of premium", "MUST_BE_PREMIUM", { listed: true }, "MUST_BE_PREMIUM", []],
  [
    "premium by /v4/user",
    "MAGNET_MUST_BE_PREMIUM",
    { user: premium },
    undefined,
    ["MAGNET_MUST_BE_PREMIUM is over"],
  ],
  ["a restart was accepted", "MUST_BE_PREMIUM", { restarts: true }, undefined, ["MUST_BE_PREMIUM is over"]],
  [
    "a refusal outweighs what /v4/user says",
    undefined,
    { ...refused("MAGNET_MUST_BE_PREMIUM"), user: premium },
    "MAGNET_MUST_BE_PREMIUM",
    ["MAGNET_MUST_BE_PREMIUM begins"],
  ],
  [
    "a key refused here and taken there is not told at once",
    undefined,
    { ...refused("AUTH_BAD_APIKEY"), listed: true },
    "AUTH_BAD_APIKEY",
    [],
  ],
])("%s", (_, before, evidence, after, told) => {
  expect(note(before, evidence)).toEqual([after, told]);
});
