import { expect, test } from "vitest";
import { notePremium } from "../../src/core/note-health.ts";
import type { AccountUser } from "../../src/core/ports.ts";
import type { AccountHealth } from "../../src/core/records.ts";

const NOW = new Date("2026-03-01T12:00:00.000Z");
const inDays = (days: number) => new Date(NOW.getTime() + days * 86_400_000);

/** What `/v4/user` says of premium, and what the owner is told of it. */
function note(before: Partial<AccountHealth>, user: Partial<AccountUser>, announce = true) {
  const health: AccountHealth = { name: "main", ...before };
  const changes = notePremium(
    health,
    {
      refusals: new Map(),
      refusedBy: new Set(),
      listed: true,
      restarts: false,
      user: { username: "main", isPremium: true, isTrial: false, ...user },
    },
    { now: NOW, announce },
  );
  expect(health.asked_at).toBe(NOW.toISOString());
  const logged = changes.flatMap(({ level }) => level ?? []);
  const told = changes.flatMap(({ alert }) => (alert ? [alert.resolved ? "renewed" : "ending"] : []));
  return { health, logged, told };
}

const ending = (days: number, told = true) => ({
  premium_ending: { until: inDays(days).toISOString(), ...(told && { told }) },
});

test.each<[string, Partial<AccountHealth>, Partial<AccountUser>, string[], string[]]>([
  ["far off", {}, { premiumUntil: inDays(7.1) }, [], []],
  ["within a week", {}, { premiumUntil: inDays(7) }, ["ending"], ["warning"]],
  ["the last minute", {}, { premiumUntil: inDays(0.0005) }, ["ending"], ["warning"]],
  ["told already", ending(3), { premiumUntil: inDays(3) }, [], []],
  ["told already, the end differs by seconds", ending(3.001), { premiumUntil: inDays(3) }, [], []],
  ["another end", ending(3), { premiumUntil: inDays(5) }, ["ending"], ["warning"]],
  [
    "known, not told for want of a webhook",
    ending(3, false),
    { premiumUntil: inDays(3) },
    ["ending"],
    ["warning"],
  ],
  ["renewed", ending(3), { premiumUntil: inDays(33) }, ["renewed"], ["info"]],
  ["renewed for good", ending(3), {}, ["renewed"], ["info"]],
  ["renewed, and its end was never told", ending(3, false), { premiumUntil: inDays(33) }, [], ["info"]],
  ["over, which is told as trouble", ending(0), { isPremium: false }, [], []],
  ["past its end though premium: a clock years ahead", {}, { premiumUntil: inDays(-900) }, [], []],
  ["the same after it was told", ending(3), { premiumUntil: inDays(-900) }, [], []],
])("%s", (_, before, user, told, logged) => {
  expect(note(before, user)).toMatchObject({ told, logged });
});

test("an end after the year 9999 is none", () => {
  expect(note({}, { premiumUntil: new Date(8.64e15) }).health).not.toHaveProperty("premium_until");
});

test("without a webhook it is logged once and not taken for told", () => {
  const first = note({}, { premiumUntil: inDays(3) }, false);
  expect(first).toMatchObject({ told: [], logged: ["warning"] });
  expect(note(first.health, { premiumUntil: inDays(3) }, false)).toMatchObject({ told: [], logged: [] });
  expect(note(first.health, { premiumUntil: inDays(3) })).toMatchObject({ told: ["ending"] });
});
