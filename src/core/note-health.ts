import { ALERT_CAUSES, alertCauseOf, type Evidence, PREMIUM_ENDING, refusesAll } from "./evidence.ts";
import { AccountError } from "./ports.ts";
import type { AccountHealth, AccountTrouble, AlertNotice } from "./records.ts";
import { type Account, queueNotices, type Sweep } from "./sweep-context.ts";
import { DAY_SECONDS, secondsSince } from "./time.ts";

/** Premium that ends within this time, in milliseconds, is announced. */
export const PREMIUM_NOTICE_MS = 7 * DAY_SECONDS * 1000;

/** What to do about premium that has ended or soon will. */
export const RENEW_PREMIUM = "renew it at https://alldebrid.com/offer";

/** A change in an account's health: a line for the log, an alert to announce, or both. */
export interface HealthChange {
  readonly level?: "info" | "warning" | "error";
  readonly line?: string;
  readonly alert?: Pick<AlertNotice, "code" | "resolved" | "until">;
}

/** Whether to announce changes; `what`: how the log names what works or does not (default: the account). */
interface Announcing {
  readonly now: Date;
  readonly announce: boolean;
  readonly what?: string;
}

export async function askUserDaily(account: Account): Promise<void> {
  const { store, now } = account.sweep;
  const { asked_at, trouble } = store.accounts.get(account.id) ?? {};
  const seconds = secondsSince(asked_at, now());
  // Only that question can tell that premium has ended, or was renewed.
  const isInDoubt = trouble !== undefined && alertCauseOf(trouble.code) === "premium";
  if (seconds === undefined || seconds >= DAY_SECONDS || isInDoubt) await askUser(account);
}

/** Asks once a sweep. The response, or what went wrong, is found in the account's evidence. */
async function askUser({ client, sweep, isStopped }: Account): Promise<void> {
  const { user, userError } = client.evidence;
  if (user !== undefined || userError !== undefined || sweep.dryRun || isStopped) return;
  try {
    await client.user();
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
  }
}

/**
 * Draws the conclusion of one sweep over an account; each change is logged and announced once. What passes by itself
 * (network, maintenance) changes nothing.
 */
export async function noteHealth(account: Account): Promise<void> {
  const { id, name, known, client, sweep } = account;
  const { store, dryRun, log, now, announce, fingerprint } = sweep;
  if (dryRun) return;
  const { evidence } = client;
  if ([...evidence.refusals.keys()].some(refusesAll)) await askUser(account);
  if (evidence.userError !== undefined && account.errors.length === 0 && !account.isStopped) {
    // The sweep's work does not depend on it, and the next one asks again.
    log.info(`${name}: can't get the account's state: ${evidence.userError}`);
  }
  const health: AccountHealth = { ...store.accounts.get(id), name };
  const announcing = { now: now(), announce };
  const changes = [
    ...noteTrouble(health, evidence, announcing),
    ...notePremium(health, evidence, announcing),
  ];
  // Queued before the health is saved: a sweep killed in between announces twice rather than never.
  await queueNotices(sweep, logChanges(sweep, name, health, changes));
  const { user } = evidence;
  if (known && user && fingerprint(user.username) !== id) {
    log.warning(
      `${name}: AllDebrid says that the key is another user's now; the next sweep starts anew with it`,
    );
    health.keys = (health.keys ?? []).filter((each) => each !== client.fingerprint);
  }
  store.accounts.set(id, health);
  await store.saveAccounts();
}

/** Logs the changes, notes in `health` when alerts were made, and returns the alerts. */
export function logChanges(
  { log, now, newKey }: Pick<Sweep, "log" | "now" | "newKey">,
  name: string,
  health: Health,
  changes: readonly HealthChange[],
): AlertNotice[] {
  const at = now().toISOString();
  for (const { level = "info", line } of changes) if (line) log[level](`${name}: ${line}`);
  const alerts = changes.flatMap(({ alert }) => alert ?? []);
  if (alerts.length > 0) {
    health.told = { ...health.told, at: [...(health.told?.at ?? []), ...alerts.map(() => at)].slice(-4) };
  }
  return alerts.map((alert) => ({ kind: "alert", key: newKey(), at, account: name, ...alert }));
}

/** Whether something works, and what was announced of it. */
type Health = Pick<AccountHealth, "trouble" | "told">;

/** Sweeps in a row that confirm that an account does not work, or that it works again. */
const SWEEPS_IN_A_ROW = 2;

/**
 * Notes in `health` that the account does not work, or works again, and returns what changed. Trouble is certain at
 * once if the lists and `/v4/user` both refuse, else in the second sweep in a row; then two good sweeps end it.
 */
export function noteTrouble(health: Health, evidence: Evidence, announcing: Announcing): HealthChange[] {
  const { what = "the account" } = announcing;
  const before = health.trouble;
  const wasCertain = before !== undefined && isCertain(before);
  const found = findTrouble(before, evidence);
  const changes: HealthChange[] = [];
  if (found) {
    const same = before !== undefined && alertCauseOf(before.code) === found.cause;
    const { since, sweeps = 0 } = same ? before : { since: announcing.now.toISOString() };
    const certain = evidence.refusedBy.size === 2 || (same && wasCertain);
    health.trouble = { code: found.code, since, sweeps: certain ? SWEEPS_IN_A_ROW : sweeps + 1 };
    if (isCertain(health.trouble) && !(same && wasCertain)) {
      changes.push({ level: "error", line: `${what} stopped working: ${found.message}` });
    }
  } else if (before && isOver(before.code, evidence)) {
    const well = (before.well ?? 0) + 1;
    health.trouble = { ...before, well };
    if (well >= SWEEPS_IN_A_ROW || !wasCertain) {
      delete health.trouble;
      if (wasCertain) changes.push({ level: "info", line: `${what} works again (it was ${before.code})` });
    }
  }
  return [...changes, ...announceTrouble(health, announcing)];
}

function isCertain({ sweeps = 0 }: AccountTrouble): boolean {
  return sweeps >= SWEEPS_IN_A_ROW;
}

/** Announces the present state if it differs from the last one announced, and not too often. */
function announceTrouble(health: Health, announcing: Announcing): HealthChange[] {
  const { trouble, told } = health;
  if (trouble && !isCertain(trouble)) return [];
  const said = told?.code;
  const cause = (code: string | undefined) => code && alertCauseOf(code);
  const isSame = (said === undefined) === (trouble === undefined) && cause(said) === cause(trouble?.code);
  if (isSame || !mayAnnounce(health, announcing)) return [];
  const { code: _, ...rest } = told ?? {};
  health.told = trouble ? { ...rest, code: trouble.code } : rest;
  return [{ alert: { code: trouble?.code ?? said ?? "", resolved: trouble === undefined } }];
}

/** After two messages about one account within 24 hours it is silent. */
const MOST_MESSAGES = 2;

function mayAnnounce({ told }: Health, { announce, now }: Announcing): boolean {
  const recent = (told?.at ?? []).filter((time) => (secondsSince(time, now) ?? DAY_SECONDS) < DAY_SECONDS);
  return announce && recent.length < MOST_MESSAGES;
}

/** What keeps the account from working; of several causes, the one that was known before. */
function findTrouble(before: AccountTrouble | undefined, { refusals, user }: Evidence) {
  const all = new Map(refusals);
  if (user && !user.isPremium && !user.isTrial && !all.has("premium")) {
    all.set("premium", { code: "MUST_BE_PREMIUM", message: `premium has ended: ${RENEW_PREMIUM}` });
  }
  const known = before && alertCauseOf(before.code);
  const cause = known && all.has(known) ? known : ALERT_CAUSES.find((each) => all.has(each));
  const refusal = cause && all.get(cause);
  return refusal && { cause, ...refusal };
}

/** Whether a request like the refused one succeeded since; trouble is not over because nobody asked. */
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

/** Ends closer to each other than this are the same. */
const SAME_END_MS = 12 * 3600 * 1000;

/**
 * Notes in `health` what `/v4/user` says of premium, and returns a change once when its end is near or it was renewed.
 */
export function notePremium(
  health: AccountHealth,
  { user }: Evidence,
  announcing: Announcing,
): HealthChange[] {
  if (!user) return [];
  const { now } = announcing;
  const announce = mayAnnounce(health, announcing);
  const before = health.premium_ending;
  health.asked_at = now.toISOString();
  delete health.premium_until;
  if (!user.isPremium) {
    // It has ended: that is announced as trouble.
    delete health.premium_ending;
    return [];
  }
  const end = user.premiumUntil;
  // From the year 10,000 on ISO 8601 is written in another form, and nobody is concerned.
  const until = end && end.getUTCFullYear() < 10_000 ? end.toISOString() : undefined;
  if (until !== undefined) health.premium_until = until;
  const leftMs = (end?.getTime() ?? Number.POSITIVE_INFINITY) - now.getTime();
  // Premium that goes on after its end: this machine's clock is wrong.
  if (leftMs <= 0) return [];
  if (until === undefined || leftMs > PREMIUM_NOTICE_MS) {
    if (!before) return [];
    delete health.premium_ending;
    const change = { level: "info", line: "premium was renewed" } as const;
    if (!before.told || !announce) return [change];
    return [{ ...change, alert: { code: PREMIUM_ENDING, resolved: true, ...(until && { until }) } }];
  }
  const same = before && Math.abs(Date.parse(before.until) - Date.parse(until)) < SAME_END_MS;
  const ending = same ? before : { until };
  const tell = announce && !ending.told;
  health.premium_ending = tell ? { ...ending, told: true } : ending;
  if (same && !tell) return [];
  const line = `premium ends on ${until.slice(0, 10)}: ${RENEW_PREMIUM}`;
  const change = { level: "warning", line } as const;
  return [tell ? { ...change, alert: { code: PREMIUM_ENDING, resolved: false, until } } : change];
}
