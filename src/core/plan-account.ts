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
  readonly deletions: readonly string[];
  /** Set when more deletions are due than allowed, so that none is done; `own` of them are this plan's. */
  readonly cap?: { readonly due: number; readonly own: number; readonly maxDeletes: number } | undefined;
}

/**
 * Decides about all sightings of an account, each already counted in `counters`. `listed` is all that the
 * account shows: what another key of the same account has taken over in this sweep counts against
 * `max_deletes_per_run` too.
 */
export function planAccount(
  sightings: ReadonlyMap<string, Sighting>,
  counters: Counters,
  policy: Policy,
  listed: ReadonlyMap<string, Sighting> = sightings,
): AccountPlan {
  const decisions = decideAll(sightings, counters, policy);
  const due = idsOf(decisions, "delete");
  const elsewhere = new Map([...listed].filter(([id]) => !sightings.has(id)));
  const allDue = due.length + idsOf(decideAll(elsewhere, counters, policy), "delete").length;
  const capped = policy.maxDeletes > 0 && allDue > policy.maxDeletes;
  if (capped) {
    const reason = `max_deletes_per_run: ${allDue} deletions are due and ${policy.maxDeletes} allowed, so none is done`;
    for (const id of due) decisions.set(id, { action: "hold", rule: "max_deletes_per_run", reason });
  }
  const restarts = [...idsOf(decisions, "restart"), ...idsOf(decisions, "hold")];
  return {
    decisions,
    restarts: restarts.sort((a, b) => byNeed(counters.get(a), counters.get(b))),
    deletions: capped ? [] : due,
    cap: capped ? { due: allDue, own: due.length, maxDeletes: policy.maxDeletes } : undefined,
  };
}

function decideAll(
  sightings: ReadonlyMap<string, Sighting>,
  counters: Counters,
  policy: Policy,
): Map<string, Decision> {
  const decisions = new Map<string, Decision>();
  for (const [id, sighting] of sightings) {
    const record = counters.get(id);
    if (record) decisions.set(id, decide(sighting, record, policy));
  }
  return decisions;
}

function idsOf(decisions: ReadonlyMap<string, Decision>, action: Decision["action"]): string[] {
  return [...decisions].filter(([, decision]) => decision.action === action).map(([id]) => id);
}

/** Fewest accepted restarts first, then the longest failing. */
function byNeed(a: CounterRecord | undefined, b: CounterRecord | undefined): number {
  return (
    (a?.restarts ?? 0) - (b?.restarts ?? 0) ||
    Date.parse(a?.failing_since ?? "") - Date.parse(b?.failing_since ?? "") ||
    (b?.fails ?? 0) - (a?.fails ?? 0)
  );
}
