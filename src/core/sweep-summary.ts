/** One finished sweep as `status` shows it; the last ones are kept in `sweeps.json`. */
export interface SweepSummary {
  /** ISO 8601. */
  started_at: string;
  /** ISO 8601. */
  finished_at: string;
  exit_code: number;
  /** Magnets sighted in failure. */
  failing: number;
  restarted: number;
  deleted: number;
  held: number;
  failed: number;
  forgotten: number;
  /** Of the newest sweep: how long before `finished_at` the requests of its last minute were answered. */
  recent_requests_ms?: number[];
  accounts: { name: string; ok: boolean; error: string | null }[];
}
