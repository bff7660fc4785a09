import { type Decision, type HoldRule, planAccount } from "./decide.ts";
import type { FailingStatus } from "./magnet.ts";
import type { CounterRecord, Counters } from "./records.ts";
import type { Policy } from "./settings.ts";
import { countSighting, limitFor, type Sighting } from "./sighting.ts";

/** One tracked magnet in the document of `status --json`. */
export interface TrackedMagnet {
  id: string;
  /** The account's name; null when it is not known. */
  account: string | null;
  filename: string | null;
  /** Bytes. */
  size: number | null;
  /** `expired` or `error`, as last sighted. */
  status: string;
  /** AllDebrid's own words. */
  status_text: string | null;
  /** Sightings in failure so far. */
  fails: number;
  /** The sighting at which it is deleted. */
  max_retries: number;
  /** ISO 8601. */
  failing_since: string | null;
  /** ISO 8601. */
  last_seen: string | null;
  /** Why the last sweep held its deletion back; null when it did not. */
  held: string | null;
  /** What the next sighting in failure brings, by the rules as they are now. */
  next: "restart" | "delete" | "held";
  /** The rule that will hold its deletion back. */
  held_by: HoldRule | null;
  /** Why `next` is what it is. */
  next_reason: string;
}

/** Tells of each counter what the next sighting brings: the decision a sweep would make, made in advance. */
export function trackMagnets(
  counters: Counters,
  nameOf: (fingerprint: string | undefined) => string | null,
  policy: Policy,
  cycleSeconds: number,
): TrackedMagnet[] {
  const byAccount = new Map<string | undefined, Map<string, Sighting>>();
  const foreseen: Counters = new Map();
  counters.forEach((record, id) => {
    const sightings = byAccount.get(record.account) ?? new Map<string, Sighting>();
    const sighting = sightingOf(id, record);
    byAccount.set(record.account, sightings.set(id, sighting));
    foreseen.set(
      id,
      countSighting(record, sighting, {
        account: record.account ?? "",
        status: limitFor(sighting.statuses, policy).status,
        now: new Date((record.last_seen ? Date.parse(record.last_seen) : 0) + cycleSeconds * 1000),
        longestGapSeconds: cycleSeconds,
      }),
    );
  });
  const tracked: TrackedMagnet[] = [];
  for (const [account, sightings] of byAccount) {
    const { decisions } = planAccount(sightings, foreseen, policy);
    const name = nameOf(account);
    sightings.forEach(({ statuses }, id) => {
      const record = counters.get(id);
      const decision = decisions.get(id);
      if (!record || !decision) return;
      tracked.push(describeMagnet(id, record, name, limitFor(statuses, policy).maxRetries, decision));
    });
  }
  return tracked;
}

function sightingOf(id: string, { last_status, filename, hash, size }: CounterRecord): Sighting {
  const status: FailingStatus = last_status === "expired" ? "expired" : "error";
  return { magnet: { id, filename, hash, size }, statuses: [status] };
}

function describeMagnet(
  id: string,
  record: CounterRecord,
  account: string | null,
  maxRetries: number,
  decision: Decision,
): TrackedMagnet {
  return {
    id,
    account,
    filename: record.filename ?? null,
    size: record.size ?? null,
    status: record.last_status,
    status_text: record.status_text ?? null,
    fails: record.fails,
    max_retries: maxRetries,
    failing_since: record.failing_since ?? null,
    last_seen: record.last_seen ?? null,
    held: record.held ?? null,
    next: decision.action === "hold" ? "held" : decision.action,
    held_by: decision.action === "hold" ? decision.rule : null,
    next_reason: decision.reason,
  };
}
