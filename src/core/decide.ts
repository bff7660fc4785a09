import { protectedBy } from "./protection.ts";
import type { CounterRecord } from "./records.ts";
import type { Policy } from "./settings.ts";
import { lastStatus, limitFor, type Sighting } from "./sighting.ts";

/** The rules that hold a due deletion back. */
export type HoldRule = "protect" | "min_failing_hours" | "gap" | "second_chance" | "max_deletes_per_run";

/** What to do about a magnet, and why. `hold`: its deletion is due, but a rule forbids it; see `isRestarted`. */
export type Decision = { readonly maxRetries: number; readonly reason: string } & (
  | { readonly action: "restart" | "delete" }
  | { readonly action: "hold"; readonly rule: HoldRule }
);

/** Decides about a magnet whose sighting is counted already; `planAccount` then applies `max_deletes_per_run`. */
export function decide({ sighting, record, stillThere }: Candidate, policy: Policy): Decision {
  // What was due by the list it was deleted from stays due, though another list shows it now.
  const shown = stillThere ? { statuses: [lastStatus(record)] } : sighting;
  const { status, maxRetries } = limitFor(shown, policy);
  // More sightings than the limit: it was held back, or max_retries was lowered.
  const reason =
    record.fails > maxRetries
      ? `sighting ${record.fails} in ${status}, max_retries is ${maxRetries}`
      : `sighting ${record.fails} of ${maxRetries} in ${status}`;
  if (record.fails < maxRetries) return { action: "restart", maxRetries, reason };
  const hold = (rule: HoldRule, why: string) => ({ action: "hold", rule, maxRetries, reason: why }) as const;

  const protection = protectedBy(policy.protect, sighting.magnet, record);
  if (protection !== undefined) return hold("protect", protection);

  const failingHours = (record.failing_seconds ?? 0) / 3600;
  if (failingHours < policy.minFailingHours) {
    const hours = Math.floor(failingHours * 10) / 10;
    return hold("min_failing_hours", `failing for ${hours} h of min_failing_hours ${policy.minFailingHours}`);
  }
  if (record.gap === "needed") {
    return hold("gap", "nothing was seen of it for more than a day: it gets one more restart first");
  }
  if (maxRetries > 1 && record.had_chance !== true) {
    const never =
      "AllDebrid has not accepted a restart of it yet, nor refused one because of the magnet itself";
    return hold("second_chance", `second chance: ${never}`);
  }
  return { action: "delete", maxRetries, reason };
}

/** A magnet that one sweep decides about: its sighting, and its counter with that sighting counted. */
export interface Candidate {
  readonly sighting: Sighting;
  readonly record: CounterRecord;
  /** AllDebrid confirmed its deletion in an earlier sweep, and still lists it: neither counted nor restarted. */
  readonly stillThere?: boolean | undefined;
}

/** A decided magnet. Its sighting is kept for a deletion alone, so that an account's lists can be let go. */
export type PlannedMagnet = Omit<Candidate, "sighting"> & {
  readonly decision: Decision;
  readonly sighting: Sighting | undefined;
};

/** What one sweep does in one account. */
export interface AccountPlan {
  readonly magnets: ReadonlyMap<string, PlannedMagnet>;
  /** Ids to restart, in the order in which they should get the free slots. */
  readonly restarts: readonly string[];
  readonly deletions: readonly string[];
  /** Set when more deletions are due in the account than allowed, so that none is done. */
  readonly cap?: { readonly due: number; readonly maxDeletes: number } | undefined;
}

/** Decides about an account's magnets. If more deletions are due than `maxDeletes`, all are held back: none is done. */
export function planAccount(candidates: ReadonlyMap<string, Candidate>, policy: Policy): AccountPlan {
  const magnets = new Map<string, PlannedMagnet>();
  for (const [id, candidate] of candidates) {
    const { record, stillThere } = candidate;
    const decision = decide(candidate, policy);
    const sighting = decision.action === "delete" ? candidate.sighting : undefined;
    // By spreading, each of 20,000 would get a hidden class of its own in V8.
    magnets.set(id, { record, stillThere, decision, sighting });
  }
  const due = [...magnets].filter(([, { decision }]) => decision.action === "delete");
  const { maxDeletes } = policy;
  const capped = maxDeletes > 0 && due.length > maxDeletes;
  if (capped) {
    const reason = `max_deletes_per_run: ${due.length} deletions are due and ${maxDeletes} allowed, so none is done`;
    for (const [id, magnet] of due) {
      const { maxRetries } = magnet.decision;
      const decision = { action: "hold", rule: "max_deletes_per_run", maxRetries, reason } as const;
      magnets.set(id, { ...magnet, decision });
    }
  }
  // Fewest accepted restarts first, then the longest failing.
  const restarts = [...magnets]
    .filter(([, { decision, stillThere }]) => isRestarted(decision) && !stillThere)
    .map(([id, { record }]) => {
      const { restarts = 0, failing_since: since = "", fails } = record;
      return { id, restarts, since: Date.parse(since), fails };
    })
    .sort((a, b) => a.restarts - b.restarts || a.since - b.since || b.fails - a.fails);
  return {
    magnets,
    restarts: restarts.map(({ id }) => id),
    deletions: capped ? [] : due.map(([id]) => id),
    cap: capped ? { due: due.length, maxDeletes } : undefined,
  };
}

/** Whether the magnet gets a restart: also one that is held back, unless by the cap. */
function isRestarted(decision: Decision): boolean {
  if (decision.action === "hold") return decision.rule !== "max_deletes_per_run";
  return decision.action === "restart";
}
