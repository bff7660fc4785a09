import type { AccountHealth } from "./account-health.ts";
import { PREMIUM_ENDING } from "./alert-cause.ts";
import type { Evidence } from "./evidence.ts";
import type { HealthTeller } from "./health-teller.ts";
import { PREMIUM_NOTICE_MS, RENEW_PREMIUM } from "./premium.ts";

/** Ends closer to each other than this are the same. */
const SAME_MS = 12 * 3600 * 1000;

/** Notes in `health` what `/v4/user` says of premium, and tells once of each end that comes near. */
export function notePremium(health: AccountHealth, { user }: Evidence, teller: HealthTeller): void {
  if (!user) return;
  const before = health.premium_ending;
  health.asked_at = teller.now.toISOString();
  delete health.premium_until;
  // Over: that is told as trouble.
  if (!user.isPremium) return void delete health.premium_ending;
  // Beyond it ISO 8601 is written in another form, and nobody is concerned.
  const isTelling = user.premiumUntil && user.premiumUntil.getUTCFullYear() < 10_000;
  const until = isTelling ? user.premiumUntil?.toISOString() : undefined;
  if (until !== undefined) health.premium_until = until;

  const leftMs = (user.premiumUntil?.getTime() ?? Number.POSITIVE_INFINITY) - teller.now.getTime();
  // Premium that goes on after its end: this machine's clock is wrong.
  if (leftMs <= 0) return;
  if (until === undefined || leftMs > PREMIUM_NOTICE_MS) {
    if (!before) return;
    delete health.premium_ending;
    teller.log("info", "premium was renewed");
    if (before.told && teller.announce)
      teller.queue({ code: PREMIUM_ENDING, resolved: true, ...(until && { until }) });
    return;
  }
  const same = before && Math.abs(Date.parse(before.until) - Date.parse(until)) < SAME_MS;
  const ending = same ? before : { until };
  const tell = teller.announce && !(same && before.told);
  if (!same || tell) {
    const date = until.slice(0, 10);
    teller.log("warning", `premium ends on ${date}: ${RENEW_PREMIUM}`);
  }
  health.premium_ending = tell ? { ...ending, told: true } : ending;
  if (tell) teller.queue({ code: PREMIUM_ENDING, resolved: false, until });
}
