import { type Candidate, type HoldRule, planAccount } from "./decide.ts";
import type { FailingStatus } from "./magnet.ts";
import type { CounterRecord, Counters } from "./records.ts";
import type { Policy } from "./settings.ts";
import { countSighting, type Sighting } from "./sighting.ts";

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
  /** The code that refused its last restarts without being about the magnet, and in how many sweeps in a row. */
  refused: { code: string; times: number } | null;
}

/** What the next sighting of each tracked magnet brings: the decision a sweep would make, made in advance. */
export function previewMagnets(
  counters: Counters,
  nameOf: (fingerprint: string | undefined) => string | null,
  policy: Policy,
  cycleSeconds: number,
): TrackedMagnet[] {
  const byAccount = new Map<string | undefined, Map<string, Candidate>>();
  for (const [id, record] of counters) {
    const sighting = sightingOf(id, record);
    const lastSeen = record.last_seen ? Date.parse(record.last_seen) : 0;
    const next = countSighting(record, sighting, {
      account: record.account ?? "",
      policy,
      now: new Date(lastSeen + cycleSeconds * 1000),
      cycleSeconds,
    });
    const candidates = byAccount.get(record.account) ?? new Map<string, Candidate>();
    byAccount.set(record.account, candidates.set(id, { sighting, record: next }));
  }
  return [...byAccount].flatMap(([account, candidates]) => {
    const { magnets } = planAccount(candidates, policy);
    const name = nameOf(account);
    return [...magnets].flatMap(([id, { decision }]): TrackedMagnet[] => {
      const record = counters.get(id);
      if (!record) return [];
      return [
        {
          id,
          account: name,
          filename: record.filename ?? null,
          size: record.size ?? null,
          status: record.last_status,
          status_text: record.status_text ?? null,
          fails: record.fails,
          max_retries: decision.maxRetries,
          failing_since: record.failing_since ?? null,
          last_seen: record.last_seen ?? null,
          held: record.held ?? null,
          next: decision.action === "hold" ? "held" : decision.action,
          held_by: decision.action === "hold" ? decision.rule : null,
          next_reason: decision.reason,
          refused: record.refused ? { code: record.refused.code, times: record.refused.times } : null,
        },
      ];
    });
  });
}

function sightingOf(id: string, { last_status, filename, hash, size }: CounterRecord): Sighting {
  const status: FailingStatus = last_status === "expired" ? "expired" : "error";
  return { magnet: { id, filename, hash, size }, statuses: [status] };
}
