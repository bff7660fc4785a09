import { sideBySide } from "./concurrency.ts";
import { askById } from "./get-magnet.ts";
import { conditionOf } from "./magnet.ts";
import { AccountError } from "./ports.ts";
import type { CounterRecord } from "./records.ts";
import { limitOf } from "./sighting.ts";
import { type AccountSweep, accountFailed, noteResult, type SweepContext } from "./sweep-context.ts";

/** Questions of one sweep that are under way at once. */
const WIDTH = 6;

/**
 * Learns what became of tracked magnets that no failing list shows: ready ones and gone ones are forgotten,
 * processing ones keep their counters. The `ready` and `active` lists are read first; what they don't show
 * is asked for by id, those unasked longest first, within each account's budget.
 */
export async function recover(ctx: SweepContext, accounts: readonly AccountSweep[]): Promise<void> {
  const absent = absentFrom(ctx);
  const concerned = accounts.filter((account) =>
    absent.some(([, record]) => mayHold(accounts, account, record)),
  );
  if (concerned.length === 0) return;
  await Promise.all(concerned.map((account) => readLists(ctx, account)));

  // What may have been deleted is for its intent to settle.
  const doubtless = absentFrom(ctx).filter(([id]) => !ctx.store.intents.has(id));
  const questions = assignQuestions(doubtless, accounts);
  await sideBySide(questions, WIDTH, ({ id, record, askers }) => inquire(ctx, id, record, askers));
  await ctx.store.saveCounters();
  await ctx.store.saveIntents();
}

/** Counters whose magnets nobody has shown so far. */
function absentFrom({ store, seen }: SweepContext): [string, CounterRecord][] {
  const absent: [string, CounterRecord][] = [];
  for (const entry of store.counters) if (!seen.has(entry[0])) absent.push(entry);
  return absent;
}

/** Whether the account may hold a tracked magnet: it owns it, or nobody of this sweep is known to. */
function mayHold(accounts: readonly AccountSweep[], account: AccountSweep, record: CounterRecord): boolean {
  return record.account === account.client.fingerprint || ownerOf(accounts, record) === undefined;
}

function ownerOf(accounts: readonly AccountSweep[], record: CounterRecord): AccountSweep | undefined {
  return accounts.find((account) => account.client.fingerprint === record.account);
}

/** What the `ready` and `active` lists show needs no question. Lists prove presence, never absence. */
async function readLists(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const isAbsent = (id: string) => ctx.store.counters.has(id) && !ctx.seen.has(id);
  const read = async (list: "ready" | "active") => {
    if (ctx.stopping.aborted || account.unanswered.size === 2) return;
    try {
      for (const magnet of (await account.client.list(list, isAbsent)).magnets) {
        const record = ctx.store.counters.get(magnet.id);
        if (!record || ctx.seen.has(magnet.id)) continue;
        // It is still there: a deletion in doubt did not happen.
        ctx.store.intents.delete(magnet.id);
        const condition = conditionOf(magnet);
        if (list === "ready" && (condition === "ready" || condition === "unknown")) {
          forget(ctx, account, magnet.id, record, "ready");
        } else if (list === "active" && (condition === "processing" || condition === "unknown")) {
          record.account = account.client.fingerprint;
          ctx.seen.add(magnet.id);
        }
      }
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      accountFailed(ctx, account, `the ${list} list: ${error.message}`);
    }
  };
  await Promise.all([read("ready"), read("active")]);
}

interface Question {
  readonly id: string;
  readonly record: CounterRecord;
  readonly askers: readonly AccountSweep[];
}

/**
 * Shares the budgets out. A magnet whose owner is not known is asked for under every account or not at all,
 * since only all of them together can say that it is gone. One whose owner is known but not swept (its key
 * was taken out or replaced) is not asked for: nobody else's answer could settle it.
 */
function assignQuestions(absent: [string, CounterRecord][], accounts: readonly AccountSweep[]): Question[] {
  const budget = new Map(accounts.map((account) => [account, account.questions]));
  const longestUnaskedFirst = absent.sort(([, a], [, b]) => time(a.last_asked) - time(b.last_asked));
  const questions: Question[] = [];
  for (const [id, record] of longestUnaskedFirst) {
    const owner = ownerOf(accounts, record);
    if (record.account !== undefined && !owner) continue;
    const askers = owner ? [owner] : accounts;
    if (askers.some((asker) => (budget.get(asker) ?? 0) <= 0 || isBlind(asker, record))) continue;
    for (const asker of askers) budget.set(asker, (budget.get(asker) ?? 0) - 1);
    questions.push({ id, record, askers });
  }
  return questions;
}

/** Whether the list that would show the magnet did not answer: then its absence says even less. */
function isBlind({ unanswered }: AccountSweep, record: CounterRecord): boolean {
  return unanswered.size === 2 || unanswered.has(record.last_status);
}

function time(iso: string | undefined): number {
  const ms = Date.parse(iso ?? "");
  return Number.isNaN(ms) ? 0 : ms;
}

async function inquire(
  ctx: SweepContext,
  id: string,
  record: CounterRecord,
  askers: readonly AccountSweep[],
): Promise<void> {
  if (ctx.stopping.aborted) return;
  record.last_asked = ctx.now().toISOString();
  let gone = 0;
  for (const asker of askers) {
    const answer = await askById(ctx, asker, id);
    if (answer.kind === "gone") gone++;
    if (answer.kind !== "found") continue;
    record.account = asker.client.fingerprint;
    if (conditionOf(answer.magnet) === "ready") forget(ctx, asker, id, record, "ready");
    return;
  }
  const [first] = askers;
  if (first && gone === askers.length) forget(ctx, first, id, record, "gone from the account");
}

function forget(
  ctx: SweepContext,
  account: AccountSweep,
  id: string,
  record: CounterRecord,
  reason: string,
): void {
  const { maxRetries } = limitOf(record, ctx.policy);
  noteResult(ctx, account, { id, maxRetries, action: "forgotten", reason });
  ctx.store.counters.delete(id);
}
