import type { HoldRule } from "./decide.ts";
import type { SweepSummary } from "./sweep-summary.ts";
import type { TrackedMagnet } from "./track-magnets.ts";

/** One account in the document of `status --json`. */
export interface AccountStatus {
  name: string;
  /** Whether the configuration in use names it. */
  configured: boolean;
  /** Whether the last sweep had no trouble with it; null when it did not sweep it. */
  ok: boolean | null;
  /** What went wrong in the last sweep, with what to do. */
  error: string | null;
  /** Why the account does not work, by AllDebrid's code, and since when (ISO 8601); null while it does. */
  trouble: { code: string; since: string } | null;
  /** ISO 8601: the end of premium, where it is known. */
  premium_until: string | null;
  /** Premium ends within days. */
  premium_ending: boolean;
  /** Tracked magnets. */
  failing: number;
  /** Those of them that are deleted at their next sighting. */
  due: number;
}

/** The document of `status --json`: what is tracked, when it was last looked at, what comes next. */
export interface StatusView {
  version: 1;
  /** ISO 8601. */
  generated_at: string;
  last_sweep: SweepSummary | null;
  /** ISO 8601: when the next sweep is to be expected; null before the first. */
  next_sweep_expected: string | null;
  /** Seconds from one sweep to the next, as configured. */
  cycle_seconds: number;
  /** The last sweep is longer ago than it should be. */
  overdue: boolean;
  /** In the configuration's order, then those that only state knows. */
  accounts: AccountStatus[];
  /** Those nearest to deletion first. */
  magnets: TrackedMagnet[];
  /** The rules that will hold deletions back, and how many. */
  held: { rule: HoldRule; count: number }[];
  /** Magnets sighted in failure by each of the last sweeps (up to 50), oldest first. */
  trend: { finished_at: string; failing: number }[];
  /** The last five, newest first. */
  last_deletions: {
    id: string;
    account: string;
    filename: string | null;
    /** Bytes. */
    size: number | null;
    /** ISO 8601. */
    deleted_at: string;
    /** The link that adds it again; null when its hash is not known. */
    magnet: string | null;
  }[];
  pending_notifications: number;
  /** Set when Discord said that the webhook is gone (404) or its token wrong (401). */
  dead_webhook: { status: number; called_at: string } | null;
}
