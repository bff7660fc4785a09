import { type Decision, decide } from "./decide.ts";
import type { Policy } from "./policy.ts";
import type { CounterRecord, Counters } from "./record.ts";
import type { Sighting } from "./sighting.ts";

/** What one sweep does in one account. */
export interface AccountPlan {
  /** By id; every sighting has one. */
  readonly decisions: ReadonlyMap<string, Decision>;
  /** Ids to restart, in the order in which they should get the free slots. */
  readonly restarts: readonly string[];
  /** Ids to delete but for `max_deletes_per_run`. */
  readonly due: readonly string[];
  readonly deletions: readonly string[];
  /** Set when more deletions are due in the account than allowed, so that none is done. */
  readonly cap?: { readonly due: number; readonly maxDeletes: number } | undefined;
}

/**
 * Decides about all sightings of an account, each already counted in `counters`. `dueElsewhere` deletions of
 * the same account are due to another key of it, and count against `max_deletes_per_run` too.
 */
export function planAccount(
  sightings: ReadonlyMap<string, Sighting>,
  counters: Counters,
  policy: Policy,
  dueElsewhere = 0,
): AccountPlan {
  const decisions = new Map<string, Decision>();
  sightings.forEach((sighting, id) => {
    const record = counters.get(id);
    if (record) decisions.set(id, decide(sighting, record, policy));
  });
  const due = idsOf(decisions, "delete");
  const allDue = due.length + dueElsewhere;
  const capped = policy.maxDeletes > 0 && allDue > policy.maxDeletes;
  if (capped) {
    const reason = `max_deletes_per_run: ${allDue} deletions are due and ${policy.maxDeletes} allowed, so none is done`;
    for (const id of due) decisions.set(id, { action: "hold", rule: "max_deletes_per_run", reason });
  }
  const restarts = [...idsOf(decisions, "restart"), ...idsOf(decisions, "hold")];
  return {
    decisions,
    restarts: restarts
      .map((id) => needOf(id, counters.get(id)))
      .sort(byNeed)
      .map(({ id }) => id),
    due,
    deletions: capped ? [] : due,
    cap: capped ? { due: allDue, maxDeletes: policy.maxDeletes } : undefined,
  };
}

function idsOf(decisions: ReadonlyMap<string, Decision>, action: Decision["action"]): string[] {
  const ids: string[] = [];
  decisions.forEach((decision, id) => {
    if (decision.action === action) ids.push(id);
  });
  return ids;
}

/** What decides how soon a magnet should get a free slot. */
type Need = ReturnType<typeof needOf>;

function needOf(id: string, record: CounterRecord | undefined) {
  const { restarts = 0, failing_since: since = "", fails = 0 } = record ?? {};
  return { id, restarts, since: Date.parse(since), fails };
}

/** Fewest accepted restarts first, then the longest failing. */
function byNeed(a: Need, b: Need): number {
  return a.restarts - b.restarts || a.since - b.since || b.fails - a.fails;
}
