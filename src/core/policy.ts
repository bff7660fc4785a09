import type { FailingStatus } from "./magnet.ts";

/** The owner's rules for deleting. */
export interface Policy {
  /** Sightings at which a magnet is deleted, by the status it is sighted with; each ≥ 1. */
  readonly maxRetries: Readonly<Record<FailingStatus, number>>;
  /** A magnet is not deleted before it has failed for this long. */
  readonly minFailingHours: number;
  /** Deletions per account and sweep, all or none; 0 is no limit. */
  readonly maxDeletes: number;
  /** Ids, hashes and name patterns (`*`, `?`, any case) that are never deleted. */
  readonly protect: readonly string[];
}
