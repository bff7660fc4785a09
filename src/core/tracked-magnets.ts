import { type Candidate, type Decision, planAccount } from "./decide.ts";
import { mayBeOneMagnets } from "./evidence.ts";
import type { AccountNames } from "./identify-accounts.ts";
import type { ConfirmedDeletion, CounterRecord, Counters } from "./records.ts";
import type { Policy } from "./settings.ts";
import { countSighting, lastStatus, type Sighting } from "./sighting.ts";
import { cleanText, countOf, describeMagnet } from "./text.ts";

/** One tracked magnet in the document of `status --json`. */
export type TrackedMagnet = ReturnType<typeof describeTracked>;

/** What the next sighting of each tracked magnet brings: the decision a sweep would make, made in advance. */
export function previewMagnets(
  counters: Counters,
  { nameOf }: Pick<AccountNames, "nameOf">,
  policy: Policy,
  cycleSeconds: number,
): TrackedMagnet[] {
  const byAccount = new Map<string | undefined, Map<string, Candidate>>();
  for (const [id, record] of counters) {
    const { account, filename, hash, size } = record;
    const sighting: Sighting = { magnet: { id, filename, hash, size }, statuses: [lastStatus(record)] };
    const lastSeen = record.last_seen ? Date.parse(record.last_seen) : 0;
    const now = new Date(lastSeen + cycleSeconds * 1000);
    const next = countSighting(record, sighting, { account: account ?? "", policy, now, cycleSeconds });
    const candidates = byAccount.get(account) ?? new Map<string, Candidate>();
    byAccount.set(account, candidates.set(id, { sighting, record: next }));
  }
  return [...byAccount].flatMap(([account, candidates]) => {
    const name = nameOf(account);
    return Array.from(planAccount(candidates, policy).magnets, ([id, { decision, record }]) =>
      describeTracked(id, name, counters.get(id) ?? record, decision),
    );
  });
}

function describeTracked(id: string, account: string | null, record: CounterRecord, decision: Decision) {
  return {
    id,
    /** The account's name; null when it is not known. */
    account,
    filename: record.filename ?? null,
    /** Bytes. */
    size: record.size ?? null,
    status: record.last_status,
    /** AllDebrid's own words. */
    status_text: record.status_text ?? null,
    /** Sightings in failure so far; it is deleted at sighting `max_retries`. */
    fails: record.fails,
    max_retries: decision.maxRetries,
    failing_since: record.failing_since ?? null,
    last_seen: record.last_seen ?? null,
    /** Why the last sweep held its deletion back; null when it did not. */
    held: record.held ?? null,
    /** What the next sighting in failure brings, by the rules as they are now, and why. */
    next: decision.action === "hold" ? "held" : decision.action,
    /** The rule that will hold its deletion back. */
    held_by: decision.action === "hold" ? decision.rule : null,
    next_reason: decision.reason,
    /** The code that refused its last restarts without being about the magnet, and in how many sweeps in a row. */
    refused: record.refused ?? null,
  } as const;
}

/** Sweeps in a row that AllDebrid must have refused a restart before a person is asked to look into it. */
const IN_VAIN = 3;

/** Magnets held until a restart is a real chance, while AllDebrid refuses each restart, not because of the account. */
export function waitingInVain(magnets: readonly TrackedMagnet[]) {
  return magnets.flatMap(({ id, account, filename, held_by, refused }) => {
    if (held_by !== "second_chance" && held_by !== "gap") return [];
    if (!refused || refused.times < IN_VAIN || !mayBeOneMagnets(refused.code)) return [];
    return [{ id, account, filename, code: refused.code, sweeps: refused.times }];
  });
}

/** Confirmed deletions whose magnet a later sweep still found; `still_there`: when it was last found. */
export function stillThere(confirmed: ReadonlyMap<string, ConfirmedDeletion>, { nameOf }: AccountNames) {
  return [...confirmed.values()].flatMap(({ id, fingerprint, deleted_at, still_there, record }) => {
    if (still_there === undefined) return [];
    const account = nameOf(fingerprint);
    return [{ id, account, filename: record.filename ?? null, deleted_at, still_there }];
  });
}

const MAGNETS_PAGE = "https://alldebrid.com/magnets";

/** What a person has to see to, one for each code that keeps magnets waiting. */
export function explainWaitingInVain(waiting: ReturnType<typeof waitingInVain>) {
  return [...new Set(waiting.map(({ code }) => code))].map((raw) => {
    const magnets = waiting.filter((each) => each.code === raw);
    const code = cleanText(raw, 60);
    const sweeps = Math.min(...magnets.map((each) => each.sweeps));
    return {
      message: `${listed(magnets)} can't be restarted: AllDebrid has refused it with ${code} for ${sweeps} sweeps or more, so nothing is deleted`,
      remedy: `delete what you don't need at ${MAGNETS_PAGE}, and report the code ${code} to the authors of magnets`,
    };
  });
}

/** The same for magnets that AllDebrid says it deleted and still has: one entry for all of them. */
export function explainStillThere(magnets: ReturnType<typeof stillThere>) {
  if (magnets.length === 0) return [];
  const them = magnets.length > 1 ? "them" : "it";
  return [
    {
      message: `AllDebrid does not do as it says: it confirmed the deletion of ${listed(magnets)}, and still has ${them}`,
      remedy: `each sweep sends the deletion once more; if that does not help, delete ${them} at ${MAGNETS_PAGE}`,
    },
  ];
}

const NAMED = 3;

function listed(magnets: readonly Pick<TrackedMagnet, "id" | "account" | "filename">[]): string {
  const shown = magnets.slice(0, NAMED).map(({ id, account, filename }) => {
    const magnet = describeMagnet(id, filename);
    return account === null ? magnet : `${account}: ${magnet}`;
  });
  const others = magnets.length - shown.length;
  return [...shown, ...(others > 0 ? [countOf(others, "other")] : [])].join(", ");
}
