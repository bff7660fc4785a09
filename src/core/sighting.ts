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
 * Merges the answered lists of one account: duplicates fold, contradictions are set apart. `unseenStatus` may
 * add the status of a list that did not answer to a magnet that the other one shows.
 */
export function mergeLists(
  lists: ReadonlyMap<FailingStatus, readonly Magnet[]>,
  unseenStatus: (id: string) => FailingStatus | undefined = () => undefined,
): Sightings {
  const failing = new Map<string, Sighting>();
  const contradictory = new Map<string, Magnet>();
  for (const [status, magnets] of lists) {
    // One for all: grown from nothing, a list of one takes room for seventeen.
    const alone = [status];
    for (const magnet of magnets) {
      if (magnet.statusCode === READY_CODE) contradictory.set(magnet.id, magnet);
      const known = failing.get(magnet.id);
      if (known?.statuses.includes(status)) continue;
      const statuses = known ? [...known.statuses, status] : alone;
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
export interface SightingContext {
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
  const known: Partial<CounterRecord> = record ?? { fails: 0, had_chance: false };
  const isOriginals = known.had_chance === undefined && known.last_seen === undefined;
  // Not `{ ...known, … }`: V8 gives each such copy a hidden class of its own, which takes as much memory as the copy.
  const counted: CounterRecord = Object.assign({}, known, {
    fails: (known.fails ?? 0) + 1,
    last_status: status,
    account,
    failing_since: known.failing_since ?? now.toISOString(),
    last_seen: now.toISOString(),
    failing_seconds: (known.failing_seconds ?? 0) + gapSeconds(known.last_seen, now, longestGapSeconds),
    // The original restarted at every sighting, and so its entries had their chance.
    restarts: known.restarts ?? known.fails ?? 0,
    had_chance: known.had_chance ?? isOriginals,
  });
  // What held it back is found out anew. Taken out only where it is: leaving a field out of a copy costs more.
  if (counted.held !== undefined) delete counted.held;
  if (magnet.filename?.trim()) counted.filename = magnet.filename;
  if (magnet.size !== undefined) counted.size = magnet.size;
  if (magnet.hash !== undefined) counted.hash = magnet.hash;
  if (magnet.statusText !== undefined) counted.status_text = magnet.statusText;
  return counted;
}

function gapSeconds(lastSeen: string | undefined, now: Date, longest: number): number {
  const seconds = lastSeen === undefined ? 0 : (now.getTime() - Date.parse(lastSeen)) / 1000;
  // A clock that was set back gives a negative gap; an unreadable time gives NaN.
  return seconds > 0 ? Math.min(seconds, longest) : 0;
}
