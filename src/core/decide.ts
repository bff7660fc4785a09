import { protectedBy } from "./protection.ts";
import type { CounterRecord, Counters } from "./records.ts";
import type { Policy } from "./settings.ts";
import { limitFor, type Sighting } from "./sighting.ts";

/** The rules that hold a due deletion back. */
export type HoldRule = "protect" | "min_failing_hours" | "second_chance" | "max_deletes_per_run";

/** What is to be done about a sighted magnet, and why. A held magnet is restarted instead of deleted. */
export type Decision =
  | { readonly action: "restart"; readonly reason: string }
  | { readonly action: "delete"; readonly reason: string }
  | { readonly action: "hold"; readonly rule: HoldRule; readonly reason: string };

/**
 * Decides about one magnet whose sighting is already counted in `record`. `max_deletes_per_run`, which takes
 * all magnets of an account to decide, comes after: see `planAccount`.
 */
export function decide(sighting: Sighting, record: CounterRecord, policy: Policy): Decision {
  const { status, maxRetries } = limitFor(sighting.statuses, policy);
  const sightings = `sighting ${record.fails} of ${maxRetries} in ${status}`;
  if (record.fails < maxRetries) return { action: "restart", reason: sightings };

  const protection = protectedBy(policy.protect, sighting.magnet, record);
  if (protection !== undefined) return { action: "hold", rule: "protect", reason: protection };

  const failingHours = (record.failing_seconds ?? 0) / 3600;
  if (failingHours < policy.minFailingHours) {
    const reason = `failing for ${hours(failingHours)} of min_failing_hours ${policy.minFailingHours}`;
    return { action: "hold", rule: "min_failing_hours", reason };
  }
  if (maxRetries > 1 && record.had_chance !== true) {
    const reason =
      "second chance: AllDebrid has not accepted a restart of it yet, nor refused one because of the magnet itself";
    return { action: "hold", rule: "second_chance", reason };
  }
  return { action: "delete", reason: sightings };
}

function hours(value: number): string {
  return `${Math.floor(value * 10) / 10} h`;
}

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
  for (const [id, sighting] of sightings) {
    const record = counters.get(id);
    if (record) decisions.set(id, decide(sighting, record, policy));
  }
  const due = idsOf(decisions, "delete");
  const allDue = due.length + dueElsewhere;
  const capped = policy.maxDeletes > 0 && allDue > policy.maxDeletes;
  if (capped) {
    const reason = `max_deletes_per_run: ${allDue} deletions are due and ${policy.maxDeletes} allowed, so none is done`;
    for (const id of due) decisions.set(id, { action: "hold", rule: "max_deletes_per_run", reason });
  }
  // Fewest accepted restarts first, then the longest failing.
  const needOf = (id: string) => {
    const { restarts = 0, failing_since: since = "", fails = 0 } = counters.get(id) ?? {};
    return { id, restarts, since: Date.parse(since), fails };
  };
  const restarts = [...idsOf(decisions, "restart"), ...idsOf(decisions, "hold")]
    .map(needOf)
    .sort((a, b) => a.restarts - b.restarts || a.since - b.since || b.fails - a.fails);
  return {
    decisions,
    restarts: restarts.map(({ id }) => id),
    due,
    deletions: capped ? [] : due,
    cap: capped ? { due: allDue, maxDeletes: policy.maxDeletes } : undefined,
  };
}

function idsOf(decisions: ReadonlyMap<string, Decision>, action: Decision["action"]): string[] {
  return [...decisions].flatMap(([id, decision]) => (decision.action === action ? [id] : []));
}
