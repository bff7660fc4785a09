import type { AccountHealth, AccountTrouble } from "./account-health.ts";
import { type AlertCause, alertCauseOf, refusesAll } from "./alert-cause.ts";
import type { Evidence, Refusal } from "./evidence.ts";
import type { HealthTeller } from "./health-teller.ts";
import { RENEW_PREMIUM } from "./premium.ts";

/** Of several causes, the one to mend first. */
const BY_URGENCY: readonly AlertCause[] = ["banned", "blocked", "key", "address", "premium"];

/** Notes in `health` that the account does not work, or works again, and tells what changed. */
export function noteTrouble(health: AccountHealth, evidence: Evidence, teller: HealthTeller): void {
  const before = health.trouble;
  const found = findTrouble(before, evidence);
  if (found) {
    const same = before !== undefined && alertCauseOf(before.code) === found.cause;
    const trouble: AccountTrouble = same
      ? { ...before, code: found.refusal.code }
      : { code: found.refusal.code, since: teller.now.toISOString() };
    health.trouble = trouble;
    // A key refused here and taken there may be a hiccup of AllDebrid's: the next sweep tells.
    if (!same && refusesAll(found.cause) && (evidence.listed || evidence.user)) return;
    const tell = teller.announce && trouble.told !== true;
    if (!same || tell) teller.log("error", `the account stopped working: ${found.refusal.message}`);
    if (!tell) return;
    teller.queue({ code: trouble.code, resolved: false });
    trouble.told = true;
  } else if (before && isOver(before.code, evidence)) {
    delete health.trouble;
    teller.log("info", `the account works again (it was ${before.code})`);
    if (before.told && teller.announce) teller.queue({ code: before.code, resolved: true });
  }
}

interface Found {
  readonly cause: AlertCause;
  readonly refusal: Refusal;
}

/** What keeps the account from working; of several, what did so before. */
function findTrouble(before: AccountTrouble | undefined, { refusals, user }: Evidence): Found | undefined {
  const all = new Map(refusals);
  if (user && !user.isPremium && !user.isTrial && !all.has("premium")) {
    const message = `premium has ended: ${RENEW_PREMIUM}`;
    all.set("premium", { code: "MUST_BE_PREMIUM", message });
  }
  const known = before && alertCauseOf(before.code);
  const cause = known && all.has(known) ? known : BY_URGENCY.find((each) => all.has(each));
  const refusal = cause && all.get(cause);
  return cause && refusal && { cause, refusal };
}

/** Whether the like of what was refused was answered; nothing is over because nobody asked. */
function isOver(code: string, { listed, restarts, user }: Evidence): boolean {
  switch (alertCauseOf(code)) {
    case "premium":
      return restarts || user?.isPremium === true || user?.isTrial === true;
    case "address":
      return code.startsWith("MAGNET_") ? restarts : listed;
    default:
      return listed || user !== undefined;
  }
}
