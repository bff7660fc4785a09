import type { AccountPlan } from "./decide.ts";
import {
  type AlertCause,
  alertCauseOf,
  type Evidence,
  PREMIUM_ENDING,
  type Refusal,
  refusesAll,
} from "./evidence.ts";
import { type AccountClient, AccountError, type Store } from "./ports.ts";
import type { AccountHealth, AccountTrouble, AlertNotice } from "./records.ts";
import type { AccountSweep, SweepContext } from "./sweep-context.ts";

/** Premium that ends within this time, in milliseconds, is announced. */
export const PREMIUM_NOTICE_MS = 7 * 24 * 3600 * 1000;

/** What to do about premium that has ended or soon will. */
export const RENEW_PREMIUM = "renew it at https://alldebrid.com/offer";

/** Where changes in an account's health are told. */
export interface HealthTeller {
  readonly now: Date;
  /** A webhook is configured: what is queued is told. */
  readonly announce: boolean;
  log(level: "info" | "warning" | "error", line: string): void;
  queue(alert: Pick<AlertNotice, "code" | "resolved" | "until">): void;
}

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

/**
 * Tells the owner that `max_deletes_per_run` holds: in the log at each sweep, on Discord once until it no longer does.
 */
export async function noteCap(ctx: SweepContext, account: AccountSweep, plan: AccountPlan): Promise<void> {
  const { store } = ctx;
  const { name, fingerprint } = account.client;
  const health = store.accounts.get(fingerprint);
  if (!plan.cap) {
    // A list that did not answer may hide what is due: only a whole look ends the hold.
    if (health?.cap_told && account.unanswered.size === 0) {
      const { cap_told: _, ...rest } = health;
      store.accounts.set(fingerprint, rest);
      await store.saveAccounts();
    }
    return;
  }
  const { due, maxDeletes } = plan.cap;
  // The other key of the account, which took the magnets over, tells; this one must not tell again next time.
  if (plan.due.length === 0) return rememberTold(ctx, account);
  const line = `${name}: ${due} deletions are due but max_deletes_per_run is ${maxDeletes}, so none is done; to go on: magnets run-once --max-deletes 0`;
  ctx.attention.push(line);
  ctx.log.warning(line);
  if (health?.cap_told || !ctx.announce) return;
  const at = ctx.now().toISOString();
  store.outbox.pending.push({
    kind: "cap",
    key: ctx.newKey(),
    at,
    account: name,
    due,
    max_deletes: maxDeletes,
  });
  await store.saveOutbox();
  await rememberTold(ctx, account);
}

async function rememberTold({ store, announce }: SweepContext, { client }: AccountSweep): Promise<void> {
  const { fingerprint, name } = client;
  const health = store.accounts.get(fingerprint);
  if (health?.cap_told || !announce) return;
  store.accounts.set(fingerprint, { ...health, name, cap_told: true });
  await store.saveAccounts();
}

/**
 * Notes the accounts of this sweep, so that `status` can name them where the keys are not at hand. A key that was
 * not seen before takes the place of the one that had the account's name until now: whether the account works
 * goes on with it, so that replacing a bad key is told as its end.
 */
export async function nameAccounts(store: Store, clients: readonly AccountClient[]): Promise<void> {
  const { accounts } = store;
  const configured = new Set(clients.map((client) => client.fingerprint));
  for (const { fingerprint, name } of clients) {
    const known = accounts.get(fingerprint) ?? succeed(accounts, configured, name);
    accounts.set(fingerprint, { ...known, name });
  }
  await store.saveAccounts();
}

function succeed(
  accounts: Map<string, AccountHealth>,
  configured: ReadonlySet<string>,
  name: string,
): Partial<AccountHealth> {
  for (const [fingerprint, former] of accounts) {
    if (configured.has(fingerprint) || former.name !== name) continue;
    const { trouble, premium_ending, ...rest } = former;
    accounts.set(fingerprint, rest);
    return { ...(trouble && { trouble }), ...(premium_ending && { premium_ending }) };
  }
  return {};
}

const DAY_MS = 24 * 3600 * 1000;

/** Asks whose account it is, unless that was answered within a day. Needs no other answer first. */
export async function askUserDaily(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const askedAt = ctx.store.accounts.get(account.client.fingerprint)?.asked_at;
  const ageMs = ctx.now().getTime() - Date.parse(askedAt ?? "");
  // An answer from the future was noted by a clock that went wrong.
  if (!(ageMs >= 0 && ageMs < DAY_MS)) await askUser(ctx, account);
}

/** Asks whose account it is when the key was refused, unless this sweep did already. */
export async function askUserAfterRefusal(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const { asked, refusals } = account.evidence;
  if (!asked && [...refusals.keys()].some(refusesAll)) await askUser(ctx, account);
}

/** The answer, or what kept it away, is found in the account's evidence. */
async function askUser(ctx: SweepContext, account: AccountSweep): Promise<void> {
  if (ctx.dryRun || ctx.stopping.aborted) return;
  try {
    await account.client.user();
  } catch (error) {
    if (!(error instanceof AccountError)) throw error;
  }
}

/**
 * Draws the conclusion of one sweep over an account: whether it stopped working, works again, or soon will stop
 * since premium ends. Each change is logged and announced once. What passes by itself (network, maintenance)
 * changes nothing.
 */
export async function noteHealth(ctx: SweepContext, account: AccountSweep): Promise<void> {
  if (ctx.dryRun) return;
  const { store } = ctx;
  const { client, evidence } = account;
  if (evidence.userError !== undefined && account.errors.length === 0 && !ctx.stopping.aborted) {
    // The sweep's work does not hang on it, and the next one asks again.
    ctx.log.info(`${client.name}: asking for the account's state: ${evidence.userError}`);
  }
  const alerts: AlertNotice[] = [];
  const teller: HealthTeller = {
    now: ctx.now(),
    announce: ctx.announce,
    log: (level, line) => ctx.log[level](`${client.name}: ${line}`),
    queue: (alert) => {
      const at = ctx.now().toISOString();
      alerts.push({ kind: "alert", key: ctx.newKey(), at, account: client.name, ...alert });
    },
  };
  const health: AccountHealth = { ...store.accounts.get(client.fingerprint), name: client.name };
  noteTrouble(health, evidence, teller);
  notePremium(health, evidence, teller);
  if (alerts.length > 0) {
    // Before the health: a sweep killed in between announces twice rather than never.
    store.outbox.pending.push(...alerts);
    await store.saveOutbox();
  }
  store.accounts.set(client.fingerprint, health);
  await store.saveAccounts();
}
