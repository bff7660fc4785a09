/**
 * What is remembered of a failing magnet: one entry of `retry_counts.json`, in that file's own spelling.
 * `fails` and `last_status` are the original program's two fields; an entry may hold nothing else.
 */
export interface CounterRecord {
  /** Sightings in failure, ≥ 0. */
  fails: number;
  last_status: string;
  /** Fingerprint of the key whose account owns the magnet; unknown when absent. */
  account?: string;
  filename?: string;
  /** Bytes. */
  size?: number;
  hash?: string;
  /** AllDebrid's own words at the last sighting. */
  status_text?: string;
  /** ISO 8601: the first sighting. */
  failing_since?: string;
  /** ISO 8601: the last sighting. */
  last_seen?: string;
  /** Seconds of failure that were observed between sightings; what `min_failing_hours` is held against. */
  failing_seconds?: number;
  /** How many restarts AllDebrid accepted. */
  restarts?: number;
  /** Whether one restart was answered for the magnet's own sake. An entry of the original's two fields had it. */
  had_chance?: boolean;
  /** ISO 8601: when the magnet was last asked for by its id. */
  last_asked?: string;
  /** Why the last sweep held its deletion back; absent when it did not. */
  held?: string;
  /** Fields written by other versions are kept as they are. */
  [field: string]: unknown;
}

/** All counters, by magnet id. */
export type Counters = Map<string, CounterRecord>;
