import * as v from "valibot";
import type { AccountUser } from "../core/ports.ts";

/** PHP writes booleans in several ways. */
const flag = v.union([
  v.boolean(),
  v.pipe(
    v.picklist([1, 0, "1", "0", "true", "false"]),
    v.transform((value) => String(value) === "1" || value === "true"),
  ),
]);

/** Unix seconds, maybe as a string; no time a `Date` can't hold. */
const unixSeconds = v.union([
  v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e12)),
  v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number)),
]);

const userData = v.object({
  user: v.object({
    username: v.string(),
    isPremium: flag,
    isTrial: v.fallback(flag, false),
    premiumUntil: v.fallback(v.nullish(unixSeconds), undefined),
  }),
});

/** Reads `data` of `/v4/user`; nothing when it is no such answer. A time of 0 is none: there is no premium. */
export function readUser(data: unknown): AccountUser | undefined {
  const parsed = v.safeParse(userData, data);
  if (!parsed.success) return undefined;
  const { premiumUntil, ...user } = parsed.output.user;
  return premiumUntil ? { ...user, premiumUntil: new Date(premiumUntil * 1000) } : user;
}
