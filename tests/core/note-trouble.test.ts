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

const both = new Set(["list", "user"] as const);

/** One account over sweeps, half an hour apart: what is announced in each. */
function live(...sweeps: Partial<Evidence>[]): string[] {
  const health: AccountHealth = { name: "main" };
  return sweeps.map((evidence, i) => announced(health, evidence, i * 30));
}

function announced(health: AccountHealth, evidence: Partial<Evidence>, minutes = 0): string {
  const now = new Date(NOW.getTime() + minutes * 60_000);
  const changes = noteTrouble(health, { ...noEvidence(), ...evidence }, { now, announce: true });
  const alerts = changes.flatMap(({ alert }) => alert ?? []);
  if (alerts.length > 0)
    health.told = { ...health.told, at: [...(health.told?.at ?? []), now.toISOString()] };
  return alerts.map(({ code, resolved }) => `${code} ${resolved ? "is over" : "begins"}`).join();
}

const bad = refused("AUTH_BAD_APIKEY");
const nothing: Partial<Evidence> = {};
const well: Partial<Evidence> = { listed: true };

test.each<[string, Partial<Evidence>[], string[]]>([
  ["nothing was answered", [nothing, nothing], ["", ""]],
  ["lists and /v4/user both refuse: at once", [{ ...bad, refusedBy: both }], ["AUTH_BAD_APIKEY begins"]],
  ["else the second sweep in a row", [bad, bad, bad], ["", "AUTH_BAD_APIKEY begins", ""]],
  ["a hiccup is not announced", [bad, well, bad, well], ["", "", "", ""]],
  ["nobody answers in between", [bad, nothing, bad], ["", "", "AUTH_BAD_APIKEY begins"]],
  [
    "its end needs two sweeps that went well",
    [bad, bad, well, bad, well, well],
    ["", "AUTH_BAD_APIKEY begins", "", "", "", "AUTH_BAD_APIKEY is over"],
  ],
  [
    "another cause",
    [bad, bad, refused("AUTH_USER_BANNED"), refused("AUTH_USER_BANNED")],
    ["", "AUTH_BAD_APIKEY begins", "", "AUTH_USER_BANNED begins"],
  ],
  [
    "the same cause by another code",
    [refused("MUST_BE_PREMIUM"), refused("MUST_BE_PREMIUM"), refused("MAGNET_MUST_BE_PREMIUM")],
    ["", "MUST_BE_PREMIUM begins", ""],
  ],
])("%s", (_, sweeps, told) => {
  expect(live(...sweeps)).toEqual(told);
});

test("after two messages within 24 hours it is silent, and says later what is true then", () => {
  const health: AccountHealth = { name: "main" };
  const sweep = (evidence: Partial<Evidence>, minutes: number) => announced(health, evidence, minutes);
  const told = [bad, bad, well, well, bad, bad, bad].map((evidence, i) => sweep(evidence, i * 30));
  expect(told).toEqual(["", "AUTH_BAD_APIKEY begins", "", "AUTH_BAD_APIKEY is over", "", "", ""]);
  expect(sweep(bad, 24 * 60)).toBe("");
  expect(sweep(bad, 24 * 60 + 31)).toBe("AUTH_BAD_APIKEY begins");
  // It was the same all the time: nothing new to say.
  expect(sweep(bad, 72 * 60)).toBe("");
});

test("nothing is said later where it is as it was said last", () => {
  const health: AccountHealth = { name: "main" };
  const sweeps = [bad, bad, well, well, bad, bad, well, well];
  expect(sweeps.map((evidence, i) => announced(health, evidence, i * 30)).filter(Boolean)).toHaveLength(2);
  expect(announced(health, well, 3000)).toBe("");
});

/** The trouble before (known for two sweeps), what a sweep met, and the trouble after. */
function after(code: string | undefined, evidence: Partial<Evidence>, sweeps = 1): string | undefined {
  const health: AccountHealth = { name: "main" };
  if (code !== undefined) health.trouble = { code, since: SINCE, sweeps: 2 };
  for (let i = 0; i < sweeps; i++)
    noteTrouble(health, { ...noEvidence(), ...evidence }, { now: NOW, announce: true });
  return health.trouble?.code;
}

test.each<[string, string | undefined, Partial<Evidence>, string | undefined]>([
  ["a bad key", undefined, bad, "AUTH_BAD_APIKEY"],
  ["it goes on", "AUTH_BAD_APIKEY", bad, "AUTH_BAD_APIKEY"],
  ["nobody answers", "AUTH_BAD_APIKEY", {}, "AUTH_BAD_APIKEY"],
  ["it is over", "AUTH_BAD_APIKEY", well, undefined],
  ["of several, the worst", undefined, refused("MUST_BE_PREMIUM", "AUTH_USER_BANNED"), "AUTH_USER_BANNED"],
  [
    "of several, the one known",
    "MUST_BE_PREMIUM",
    refused("MUST_BE_PREMIUM", "NO_SERVER"),
    "MUST_BE_PREMIUM",
  ],
  ["what passes by itself", undefined, refused("MAINTENANCE", "GENERIC", "404"), undefined],
  [
    "restarts refused, lists not",
    undefined,
    { ...refused("MAGNET_NO_SERVER"), listed: true },
    "MAGNET_NO_SERVER",
  ],
  ["lists alone do not end that", "MAGNET_NO_SERVER", well, "MAGNET_NO_SERVER"],
  ["restarts open again", "MAGNET_NO_SERVER", { restarts: true }, undefined],
  ["an address refused everywhere is open again", "NO_SERVER", well, undefined],
  ["premium is over by /v4/user", undefined, { user: { ...premium, isPremium: false } }, "MUST_BE_PREMIUM"],
  ["a trial", undefined, { user: { ...premium, isPremium: false, isTrial: true } }, undefined],
  ["lists alone say nothing of premium", "MUST_BE_PREMIUM", well, "MUST_BE_PREMIUM"],
  ["premium by /v4/user", "MAGNET_MUST_BE_PREMIUM", { user: premium }, undefined],
  ["a restart was accepted", "MUST_BE_PREMIUM", { restarts: true }, undefined],
  [
    "a refusal outweighs what /v4/user says",
    undefined,
    { ...refused("MAGNET_MUST_BE_PREMIUM"), user: premium },
    "MAGNET_MUST_BE_PREMIUM",
  ],
])("%s, after two sweeps", (_, before, evidence, code) => {
  expect(after(before, evidence, 2)).toBe(code);
});
