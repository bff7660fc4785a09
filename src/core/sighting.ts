import { type FailingStatus, type Magnet, READY_CODE } from "./magnet.ts";
import type { CounterRecord } from "./records.ts";
import type { Policy } from "./settings.ts";

/** A magnet seen in failure, once a sweep however many lists, keys and duplicates show it. */
export interface Sighting {
  readonly magnet: Magnet;
  /** The lists that hold it. */
  readonly statuses: readonly FailingStatus[];
}

/** What an account's answered lists show. */
export interface Sightings {
  /** By id. */
  readonly failing: ReadonlyMap<string, Sighting>;
  /** Listed as failing with the status code of a ready magnet: to be left alone. */
  readonly contradictory: readonly Magnet[];
}

/**
 * Merges the answered lists of one account: duplicates fold, contradictions are set apart.
 *
 * @param unseenStatus the status of a list that did not answer, where a magnet that the other one shows should have it.
 */
export function mergeLists(
  lists: ReadonlyMap<FailingStatus, readonly Magnet[]>,
  unseenStatus: (id: string) => FailingStatus | undefined,
): Sightings {
  const failing = new Map<string, Sighting>();
  const contradictory = new Map<string, Magnet>();
  for (const [status, magnets] of lists) {
    for (const magnet of magnets) {
      if (magnet.statusCode === READY_CODE) contradictory.set(magnet.id, magnet);
      const known = failing.get(magnet.id);
      if (known?.statuses.includes(status)) continue;
      const statuses = known ? [...known.statuses, status] : [status];
      failing.set(magnet.id, { magnet: known?.magnet ?? magnet, statuses });
    }
  }
  for (const id of contradictory.keys()) failing.delete(id);
  for (const [id, { magnet, statuses }] of failing) {
    const status = unseenStatus(id);
    if (status && !statuses.includes(status)) failing.set(id, { magnet, statuses: [...statuses, status] });
  }
  return { failing, contradictory: [...contradictory.values()] };
}

/** The sightings at which the magnet is deleted, and the status that sets them: of two lists the higher. */
export function limitFor(
  statuses: readonly FailingStatus[],
  policy: Pick<Policy, "maxRetries">,
): { status: FailingStatus; maxRetries: number } {
  const status = statuses.reduce((a, b) => (policy.maxRetries[b] > policy.maxRetries[a] ? b : a));
  return { status, maxRetries: policy.maxRetries[status] };
}

/** The same as counting has left it in the record. */
export function limitOf(
  record: Pick<CounterRecord, "last_status"> | undefined,
  policy: Pick<Policy, "maxRetries">,
): { status: FailingStatus; maxRetries: number } {
  const status = record?.last_status === "expired" ? "expired" : "error";
  return { status, maxRetries: policy.maxRetries[status] };
}

/** When and where a sighting was made. */
interface SightingContext {
  /** Fingerprint of the account that showed the magnet. */
  readonly account: string;
  readonly status: FailingStatus;
  readonly now: Date;
  /**
   * The longest gap between two sightings, in seconds, that counts as failure all the while. A clock that
   * jumps by years, or a machine that slept, must not make a magnet look long dead.
   */
  readonly longestGapSeconds: number;
}

/** The record after one more sighting; the given one is left as it is. */
export function countSighting(
  record: CounterRecord | undefined,
  { magnet }: Sighting,
  { account, status, now, longestGapSeconds }: SightingContext,
): CounterRecord {
  const isOriginals =
    record !== undefined && record.had_chance === undefined && record.last_seen === undefined;
  const counted: CounterRecord = {
    fails: 0,
    ...record,
    last_status: status,
    account,
    failing_since: record?.failing_since ?? now.toISOString(),
    last_seen: now.toISOString(),
    failing_seconds: (record?.failing_seconds ?? 0) + gapSeconds(record?.last_seen, now, longestGapSeconds),
    // The original restarted at every sighting, and so its entries had their chance.
    restarts: record?.restarts ?? record?.fails ?? 0,
    had_chance: record?.had_chance ?? isOriginals,
    ...(magnet.filename?.trim() && { filename: magnet.filename }),
    ...(magnet.size !== undefined && { size: magnet.size }),
    ...(magnet.hash !== undefined && { hash: magnet.hash }),
    ...(magnet.statusText !== undefined && { status_text: magnet.statusText }),
  };
  counted.fails += 1;
  // What held it back is found out anew.
  delete counted.held;
  return counted;
}

function gapSeconds(lastSeen: string | undefined, now: Date, longest: number): number {
  const seconds = lastSeen === undefined ? 0 : (now.getTime() - Date.parse(lastSeen)) / 1000;
  // A clock that was set back gives a negative gap; an unreadable time gives NaN.
  return seconds > 0 ? Math.min(seconds, longest) : 0;
}
