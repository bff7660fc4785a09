import { forEachConcurrent } from "./concurrency.ts";
import { getMagnet } from "./get-magnet.ts";
import { conditionOf } from "./magnet.ts";
import { AccountError } from "./ports.ts";
import type { CounterRecord } from "./records.ts";
import { type AccountSweep, accountFailed, forgetMagnet, type SweepContext } from "./sweep-context.ts";

/** Questions that are under way at once. */
const CONCURRENCY = 6;

/**
 * Learns what became of tracked magnets that no failing list shows: ready ones and gone ones are forgotten,
 * processing ones keep their counters. The `ready` and `active` lists are read first; what they don't show is asked
 * for by id, those unasked longest first, within each account's budget.
 */
export async function settleAbsentMagnets(
  ctx: SweepContext,
  accounts: readonly AccountSweep[],
): Promise<void> {
  const absent = absentFrom(ctx);
  const concerned = accounts.filter((account) =>
    absent.some(({ record }) => {
      const owner = ownerOf(accounts, record);
      return owner === account || owner === undefined;
    }),
  );
  if (concerned.length === 0) return;
  await Promise.all(concerned.map((account) => readOtherLists(ctx, account)));

  // What may have been deleted here is for its intent to settle.
  const doubtless = absentFrom(ctx).filter(({ id }) => !ctx.store.intents.has(id));
  await forEachConcurrent(assignQuestions(doubtless, accounts), CONCURRENCY, (question) =>
    settleByQuestion(ctx, question),
  );
  await ctx.store.saveCounters();
  await ctx.store.saveIntents();
}

/** A counter whose magnet nobody has shown so far. */
interface Absent {
  readonly id: string;
  readonly record: CounterRecord;
}

function absentFrom({ store, seen }: SweepContext): Absent[] {
  return [...store.counters].filter(([id]) => !seen.has(id)).map(([id, record]) => ({ id, record }));
}

/** The account of this sweep that is known to own a tracked magnet. */
function ownerOf(accounts: readonly AccountSweep[], record: CounterRecord): AccountSweep | undefined {
  return accounts.find((account) => account.client.fingerprint === record.account);
}

/** What the `ready` and `active` lists show needs no question. Lists prove presence, never absence. */
async function readOtherLists(ctx: SweepContext, account: AccountSweep): Promise<void> {
  const read = async (list: "ready" | "active") => {
    if (ctx.stopping.signal.aborted || account.unanswered.size === 2) return;
    try {
      for (const magnet of (await account.client.list(list)).magnets) {
        const record = ctx.store.counters.get(magnet.id);
        if (!record || ctx.seen.has(magnet.id)) continue;
        // It is still there: a deletion in doubt did not happen.
        ctx.store.intents.delete(magnet.id);
        const condition = conditionOf(magnet);
        if (list === "ready" && (condition === "ready" || condition === "unknown")) {
          forgetMagnet(ctx, account, magnet.id, "ready");
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

interface Question extends Absent {
  readonly askers: readonly AccountSweep[];
}

/**
 * Shares the budgets out. A magnet whose owner is not known is asked for under every account or not at all, since
 * only all of them together can say that it is gone. One whose owner is known but not swept (its key was taken out or
 * replaced) is not asked for: nobody else's response could settle it.
 */
function assignQuestions(absent: Absent[], accounts: readonly AccountSweep[]): Question[] {
  const budget = new Map(accounts.map((account) => [account, account.questions]));
  const left = (account: AccountSweep) => budget.get(account) ?? 0;
  const longestUnaskedFirst = absent.sort((a, b) => askedAt(a.record) - askedAt(b.record));
  return longestUnaskedFirst.flatMap(({ id, record }) => {
    const owner = ownerOf(accounts, record);
    if (record.account !== undefined && !owner) return [];
    const askers = owner ? [owner] : accounts;
    if (askers.some((asker) => left(asker) <= 0 || isBlind(asker, record))) return [];
    for (const asker of askers) budget.set(asker, left(asker) - 1);
    return [{ id, record, askers }];
  });
}

/** Whether the list that would show the magnet did not answer: then its absence says even less. */
function isBlind({ unanswered }: AccountSweep, record: CounterRecord): boolean {
  return unanswered.size === 2 || unanswered.has(record.last_status);
}

function askedAt({ last_asked }: CounterRecord): number {
  const ms = Date.parse(last_asked ?? "");
  return Number.isNaN(ms) ? 0 : ms;
}

async function settleByQuestion(ctx: SweepContext, { id, record, askers }: Question): Promise<void> {
  if (ctx.stopping.signal.aborted) return;
  record.last_asked = ctx.now().toISOString();
  let gone = 0;
  for (const asker of askers) {
    const answer = await getMagnet(ctx, asker, id);
    if (answer.kind === "gone") gone++;
    if (answer.kind !== "found") continue;
    record.account = asker.client.fingerprint;
    if (conditionOf(answer.magnet) === "ready") forgetMagnet(ctx, asker, id, "ready");
    return;
  }
  const [first] = askers;
  if (first && gone === askers.length) forgetMagnet(ctx, first, id, "gone from the account");
}
