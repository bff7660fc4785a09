/** A confirmed deletion: one line of `deletions.jsonl`, enough to add the magnet again. */
export interface Deletion {
  /** Names this deletion uniquely, in the intent, in `deletions.jsonl` and in the outbox. */
  key: string;
  id: string;
  filename?: string;
  /** Bytes. */
  size?: number;
  hash?: string;
  /** `magnet:?xt=urn:btih:HASH`, when the hash is known. */
  magnet?: string;
  /** The account's name as people know it. */
  account: string;
  /** Fingerprint of the account's key. */
  fingerprint: string;
  /** ISO 8601: when the deletion was confirmed. */
  deleted_at: string;
  status: string;
  status_text?: string;
  fails: number;
  max_retries: number;
  /** ISO 8601: the first sighting. */
  failing_since?: string;
}

/**
 * The will to delete a magnet, on disk before the request is sent. One without an outcome (no line with its
 * key in `deletions.jsonl`) is settled by asking AllDebrid: gone means that it was deleted here.
 */
export type Intent = Deletion;
