import { forEachConcurrent } from "./concurrency.ts";
import { getMagnet, noteFound } from "./get-magnet.ts";
import { conditionOf } from "./magnet.ts";
import { AccountError } from "./ports.ts";
import type { CounterRecord } from "./records.ts";
import { lastStatus } from "./sighting.ts";
import { type Account, ownerOf, type Sweep, saveMagnets } from "./sweep-context.ts";

/** Questions that are under way at once. */
const CONCURRENCY = 6;

/**
 * Learns what became of tracked magnets that no failing list shows. The `ready` and `active` lists are read first; what
 * they don't show is asked for by id, those unasked longest first, within each account's budget.
 */
export async function settleAbsentMagnets(ctx: Sweep): Promise<void> {
  await settleForeign(ctx);
  const owners = new Set(absentFrom(ctx).map(([, { account }]) => account));
  const concerned = ctx.accounts.filter(({ id }) => owners.has(id) || owners.has(undefined));
  await Promise.all(concerned.map(readOtherLists));
  await forEachConcurrent(assignQuestions(ctx), CONCURRENCY, (question) =>
    settleByQuestion(question, ctx.now),
  );
  await saveMagnets(ctx);
}

/** A magnet of another configured account moves here only if that one was silent and this one finds it by id. */
async function settleForeign(ctx: Sweep): Promise<void> {
  for (const { id, account } of ctx.foreign) {
    const owner = ctx.accounts.find((other) => other.id === ownerOf(ctx, id));
    if (!owner?.isSilent || ctx.seen.has(id)) continue;
    const answer = await getMagnet(account, id);
    if (answer.kind !== "found") continue;
    account.takeOver(id);
    noteFound(account, answer.magnet, "expired");
  }
}

/** The counters whose magnets nobody has shown so far. */
function absentFrom({ store, seen }: Sweep): [string, CounterRecord][] {
  return [...store.counters].filter(([id]) => !seen.has(id));
}

/** What the `ready` and `active` lists show needs no question. Lists prove presence, never absence. */
async function readOtherLists(account: Account): Promise<void> {
  const { seen, store } = account.sweep;
  const isOurs = (id: string) => {
    const { counters, confirmed } = store;
    const known = counters.get(id) ?? confirmed.get(id)?.record;
    return known !== undefined && (known.account === undefined || known.account === account.id);
  };
  const read = async (list: "ready" | "active") => {
    if (account.isStopped || account.isSilent) return;
    try {
      for (const magnet of await account.client.list(list)) {
        if (!isOurs(magnet.id)) continue;
        const condition = conditionOf(magnet, false);
        // Also where it was counted in this sweep: it may have been on its way while the lists were read.
        if (list === "ready" && condition === "ready") noteFound(account, magnet);
        if (list === "active" && condition === "processing" && !seen.has(magnet.id)) {
          noteFound(account, magnet, list);
        }
      }
    } catch (error) {
      if (!(error instanceof AccountError)) throw error;
      account.noteFailure(`the ${list} list: ${error.message}`);
    }
  };
  await Promise.all([read("ready"), read("active")]);
}

/**
 * Assigns each magnet to the accounts that ask for it, within their budgets. One without a known owner is gone only if
 * all accounts that state knows say so; one whose owner is not in this sweep is not asked for. Intents settle
 * themselves.
 */
function assignQuestions(ctx: Sweep) {
  const { accounts, store } = ctx;
  const budget = new Map(accounts.map((account) => [account, account.questions]));
  const left = (account: Account) => budget.get(account) ?? 0;
  const areAllHere = accounts.every(({ known }) => known) && store.accounts.size === accounts.length;
  return absentFrom(ctx)
    .filter(([id]) => !store.intents.has(id))
    .sort(([, a], [, b]) => askedAt(a) - askedAt(b))
    .flatMap(([id, record]) => {
      const owner = accounts.find((account) => account.id === record.account);
      if (record.account !== undefined && !owner) return [];
      const askers = owner ? [owner] : accounts;
      if (!owner && !areAllHere) return [];
      // Where the list that would show it did not answer, its absence says even less.
      const isBlind = askers.some(({ unanswered }) => unanswered.has(lastStatus(record)));
      if (isBlind || askers.some((asker) => left(asker) <= 0)) return [];
      for (const asker of askers) budget.set(asker, left(asker) - 1);
      return [{ id, record, askers }];
    });
}

function askedAt({ last_asked }: CounterRecord): number {
  return Date.parse(last_asked ?? "") || 0;
}

type Question = ReturnType<typeof assignQuestions>[number];

async function settleByQuestion({ id, record, askers }: Question, now: () => Date): Promise<void> {
  const [first] = askers;
  if (!first || first.isStopped) return;
  record.last_asked = now().toISOString();
  let gone = 0;
  for (const asker of askers) {
    const answer = await getMagnet(asker, id);
    if (answer.kind === "gone") gone++;
    if (answer.kind === "found") return void noteFound(asker, answer.magnet);
  }
  if (gone === askers.length) first.forget(id, "gone from the account");
}
