import { AccountError } from "../core/account-error.ts";
import { type Finding, failed, ok, warning } from "../core/finding.ts";
import type { AccountClient } from "../core/ports.ts";
import { PREMIUM_NOTICE_MS, RENEW_PREMIUM } from "../core/premium.ts";
import { cleanText } from "../core/safe-text.ts";
import { relativeTime } from "../terminal/relative-time.ts";

/** Whether each key answers, and until when its account is premium. */
export function checkAccounts(clients: readonly AccountClient[], now: Date): Promise<Finding[]> {
  return Promise.all(clients.map((client) => checkAccount(client, now.getTime())));
}

async function checkAccount(client: AccountClient, now: number): Promise<Finding> {
  try {
    const { username, isPremium, isTrial, premiumUntil } = await client.user();
    const who = `${client.name}: the key works (user ${cleanText(username, 60)})`;
    if (isTrial) return ok("key", `${who}, on trial`);
    if (!isPremium) return failed("key", `${who}, but premium has ended`, RENEW_PREMIUM);
    if (!premiumUntil) return ok("key", `${who}, premium`);
    const until = `${premiumUntil.toISOString().slice(0, 10)} (${relativeTime(premiumUntil.getTime(), now)})`;
    const endsSoon = premiumUntil.getTime() - now < PREMIUM_NOTICE_MS;
    return endsSoon
      ? warning("key", `${who}, but premium ends ${until}`, RENEW_PREMIUM)
      : ok("key", `${who}, premium until ${until}`);
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
    return failed("key", `${client.name}: ${error.message}`);
  }
}

/** More than this makes times in state and in logs misleading. */
const TOLERATED_MS = 2 * 60_000;

/**
 * Whether this machine's clock agrees with AllDebrid's.
 *
 * @param aheadMs how far this machine was ahead, at each answer.
 */
export function checkClock(aheadMs: readonly number[]): Finding[] {
  const [least] = [...aheadMs].sort((a, b) => Math.abs(a) - Math.abs(b));
  if (least === undefined) return [];
  if (Math.abs(least) <= TOLERATED_MS) return [ok("clock", "agrees with AllDebrid's")];
  const amount = `${Math.round(Math.abs(least) / 60_000)} min`;
  const remedy = "set it by the network: sudo timedatectl set-ntp true";
  return [failed("clock", `is ${amount} ${least > 0 ? "ahead of" : "behind"} AllDebrid's`, remedy)];
}
