import * as v from "valibot";
import { describe, expect, it } from "vitest";
import { userData } from "../../src/alldebrid/responses.ts";

const user = { username: "u", isPremium: true, isTrial: false, premiumUntil: 1_800_000_000, lang: "fr" };
const read = (given: object) => v.parse(userData, { user: { ...user, ...given } });

describe("a user", () => {
  it.each<[string, object, object]>([
    ["as documented", {}, { isPremium: true, premiumUntil: new Date(1_800_000_000_000) }],
    ["with its end as text", { premiumUntil: "1800000000" }, { premiumUntil: new Date(1_800_000_000_000) }],
    ["with flags as numbers and texts", { isPremium: 1, isTrial: "0" }, { isPremium: true, isTrial: false }],
    ["without isTrial", { isTrial: undefined }, { isTrial: false }],
  ])("%s", (_, given, expected) => expect(read(given)).toMatchObject(expected));

  it.each([0, "0", null, undefined, -5, "soon", 1e300])(
    "takes premiumUntil %s for unknown",
    (premiumUntil) => {
      expect(read({ premiumUntil })).toEqual({ username: "u", isPremium: true, isTrial: false });
    },
  );

  it.each([{}, null, { user: null }, { user: { username: "u" } }, { user: { ...user, isPremium: "maybe" } }])(
    "refuses %j",
    (data) => expect(v.is(userData, data)).toBe(false),
  );
});
