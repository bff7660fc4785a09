import type { Policy } from "./policy.ts";
import type { Store } from "./ports.ts";
import type { CounterRecord } from "./record.ts";
import type { SweepSummary } from "./sweep-summary.ts";

/** One tracked magnet. */
export interface TrackedMagnet {
  id: string;
  /** The account's name; null when it is not known or not configured any more. */
  account: string | null;
  filename: string | null;
  status: string;
  status_text: string | null;
  fails: number;
  max_retries: number;
  /** ISO 8601. */
  failing_since: string | null;
  /** ISO 8601. */
  last_seen: string | null;
  /** Why its deletion is held back. */
  held: string | null;
  /** What the next sighting brings. */
  next: "restart" | "delete" | "held";
}

/** What is tracked and when it was last looked at: the document of `status --json`. */
export interface StatusView {
  version: 1;
  last_sweep: SweepSummary | null;
  /** The last sweep is longer ago than it should be. */
  overdue: boolean;
  magnets: TrackedMagnet[];
  pending_notifications: number;
}

/** What `describeStatus` looks at. */
export interface StatusInput {
  readonly store: Pick<Store, "counters" | "outbox" | "accounts">;
  /** Oldest first. */
  readonly sweeps: readonly SweepSummary[];
  /** Names of the configured accounts by fingerprint. */
  readonly names: ReadonlyMap<string, string>;
  readonly config: Pick<Policy, "maxRetries"> & { readonly cycleSeconds: number };
  readonly now: Date;
}

/** Sums up what is known, the magnets nearest to deletion first. */
export function describeStatus({ store, sweeps, names, config, now }: StatusInput): StatusView {
  const last = sweeps.at(-1) ?? null;
  const magnets = [...store.counters].map(([id, record]) => {
    const owner = record.account ?? "";
    const account = names.get(owner) ?? store.accounts.get(owner)?.name ?? null;
    return track(id, record, account, config);
  });
  return {
    version: 1,
    last_sweep: last,
    overdue: last !== null && isOverdue(last, config.cycleSeconds, now),
    magnets: magnets.sort((a, b) => a.max_retries - a.fails - (b.max_retries - b.fails) || byAge(a, b)),
    pending_notifications: store.outbox.pending.length,
  };
}

function track(
  id: string,
  record: CounterRecord,
  account: string | null,
  { maxRetries }: Pick<Policy, "maxRetries">,
): TrackedMagnet {
  const limit = record.last_status === "expired" ? maxRetries.expired : maxRetries.error;
  const due = record.fails + 1 >= limit;
  return {
    id,
    account,
    filename: record.filename ?? null,
    status: record.last_status,
    status_text: record.status_text ?? null,
    fails: record.fails,
    max_retries: limit,
    failing_since: record.failing_since ?? null,
    last_seen: record.last_seen ?? null,
    held: record.held ?? null,
    next: record.held !== undefined ? "held" : due ? "delete" : "restart",
  };
}

function byAge(a: TrackedMagnet, b: TrackedMagnet): number {
  return (a.failing_since ?? "").localeCompare(b.failing_since ?? "");
}

/** Later than twice the time between sweeps, and never before an hour; a clock set back makes none overdue. */
function isOverdue(last: SweepSummary, cycleSeconds: number, now: Date): boolean {
  const seconds = (now.getTime() - Date.parse(last.finished_at)) / 1000;
  return seconds > Math.max(2 * cycleSeconds, 3600);
}
