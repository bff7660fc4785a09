import { type FailingStatus, type Magnet, READY_CODE } from "./magnet.ts";
import type { Policy } from "./policy.ts";
import type { CounterRecord } from "./record.ts";

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
