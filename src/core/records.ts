/**
 * What is remembered of a failing magnet: one entry of `retry_counts.json`, in that file's own spelling.
 * `fails` and `last_status` are the original program's two fields; an entry may hold nothing else.
 */
export interface CounterRecord {
  /** Sightings in failure, ≥ 0. */
  fails: number;
  last_status: string;
  /** The account that owns the magnet, by its id in `accounts.json`; unknown when absent. */
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
  /** ISO 8601: when it was last seen between sightings: processing, or failing when asked by id. */
  seen_at?: string;
  /** Seconds of failure that were observed between sightings; what `min_failing_hours` is held against. */
  failing_seconds?: number;
  /** How many restarts AllDebrid accepted. */
  restarts?: number;
  /** Whether a restart was accepted, or refused because of the magnet itself. The original's entries had it. */
  had_chance?: boolean;
  /**
   * Nothing was seen of it for more than a day before a sighting (contract, Counting 10): it needs a restart that is a
   * real chance, or has been given one since.
   */
  gap?: "needed" | "given";
  /** Since `gap` was given: sightings in a row that came in time. Two end it. */
  in_time?: number;
  /** The code that refused its last restart without being about the magnet, and in how many sweeps in a row. */
  refused?: { code: string; times: number };
  /** ISO 8601: when the magnet was last asked for by its id. */
  last_asked?: string;
  /** What the last sweep counted it under, where the next one may bring the same. */
  outcome?: string;
  /** Why the last sweep held its deletion back; absent when it did not. */
  held?: string;
  /** Fields written by other versions are kept as they are. */
  [field: string]: unknown;
}

/** All counters, by magnet id. */
export type Counters = Map<string, CounterRecord>;

/** What an intent and the deletion that comes of it say of the magnet: enough to add it again. */
interface DeletionDetails {
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
  status: string;
  status_text?: string;
  fails: number;
  max_retries: number;
  /** ISO 8601: the first sighting. */
  failing_since?: string;
  /** ISO 8601, by AllDebrid's clock: when the magnet was uploaded. */
  uploaded_at?: string;
}

/** A confirmed deletion: one line of `deletions.jsonl`. */
export interface Deletion extends DeletionDetails {
  /** ISO 8601: when the deletion was confirmed. */
  deleted_at: string;
  /** No response confirmed it: the magnet was found gone after a request whose response was lost. */
  response_lost?: boolean;
  /** False: whether it was carried out is not known, since its account is no longer configured. */
  confirmed?: boolean;
}

/**
 * A deletion whose outcome is not known, on disk before the request is sent. It blocks nothing and decides only what
 * *gone* means: that the magnet was deleted here (contract, Counting 7).
 */
export interface Intent extends DeletionDetails {
  /** ISO 8601: the last request. */
  requested_at: string;
}

/** Something to announce on Discord. It waits in the outbox until Discord has taken it. */
export type Notice = DeletionNotice | CapNotice | AlertNotice;

/** A magnet was deleted. `key` is the deletion's. */
export interface DeletionNotice extends Deletion {
  kind: "deletion";
  /** What became of it at each Sonarr and Radarr that is to be told. */
  arrs?: ArrResult[];
}

/** What became of a deletion at a Sonarr or Radarr, by the server's configured name; `later`: not known yet. */
export interface ArrResult {
  name: string;
  outcome: "searches" | "off" | "keeps" | "marked" | "already" | "not grabbed" | "later";
}

/** A deletion of which a Sonarr or Radarr is still to be told. */
export interface ArrTask extends Pick<Deletion, "id" | "hash" | "filename" | "account" | "deleted_at"> {
  /** The deletion's key and the server's name. */
  key: string;
  /** The deletion's key. */
  deletion: string;
  /** The server's configured name. */
  server: string;
  /** ISO 8601: the first sweep that found it a week old. */
  past_limit?: string;
}

/** What is remembered of a Sonarr or Radarr between sweeps. */
export interface ArrHealth extends Pick<AccountHealth, "trouble" | "told"> {
  /** The last deletion it was told of. */
  last_told?: { at: string; filename?: string };
}

/** The deletions of which servers are still to be told, and what is known of the servers, by their names. */
export interface Arrs {
  /** Oldest first. */
  pending: ArrTask[];
  servers: Map<string, ArrHealth>;
}

/** More deletions are due than `max_deletes_per_run` allows, so none was done. */
export interface CapNotice {
  kind: "cap";
  key: string;
  /** ISO 8601. */
  at: string;
  account: string;
  /** Deletions due that nothing else holds. */
  due: number;
  max_deletes: number;
}

/** An account stopped working, or works again. */
export interface AlertNotice {
  kind: "alert";
  key: string;
  /** ISO 8601. */
  at: string;
  account: string;
  /** AllDebrid's code, or `PREMIUM_ENDING`. */
  code: string;
  /** It is over. */
  resolved: boolean;
  /** ISO 8601: the end of premium, where that is what it is about. */
  until?: string;
}

/** The notices that wait, and what is known of the webhook that should take them. */
export interface Outbox {
  /** Oldest first. */
  pending: Notice[];
  /** Discord said that this webhook is gone (404) or its token wrong (401): it is not called at each sweep. */
  dead_webhook?: {
    /** Fingerprint of the address. */
    fingerprint: string;
    status: number;
    /** ISO 8601: when it was last called. */
    called_at: string;
  };
  /** Its channel, thread or settings keep every message out until somebody mends them. */
  blocked_webhook?: {
    /** Fingerprint of the address. */
    fingerprint: string;
    /** What Discord said, in one line. */
    message: string;
    /** What to do. */
    remedy: string;
    /** ISO 8601. */
    since: string;
  };
}

/**
 * A magnet whose deletion AllDebrid confirmed, remembered until both lists of its account have answered without it
 * (contract, Counting 8).
 */
export interface ConfirmedDeletion {
  id: string;
  hash?: string;
  /** The account's id in `accounts.json`. */
  fingerprint: string;
  /** ISO 8601: when it was confirmed. */
  deleted_at: string;
  /** ISO 8601, by AllDebrid's clock: when the magnet was uploaded. */
  uploaded_at?: string;
  /** ISO 8601: when it was last found there all the same. */
  still_there?: string;
  /** The counter as it was. */
  record: CounterRecord;
}

/** What is remembered of an account between sweeps. */
export interface AccountHealth {
  /** The account's name as people know it. */
  name: string;
  /** Fingerprints of its keys; absent while it is not known whose account it is (see `identifyAccounts`). */
  keys?: string[];
  /** ISO 8601: the last sweep that had it. */
  last_swept?: string;
  /** ISO 8601: the first sweep that found it 90 days without a sweep. */
  past_limit?: string;
  /** The owner was told that `max_deletes_per_run` holds; reset once the account is under the cap again. */
  cap_told?: boolean;
  /** Set while the account does not work. */
  trouble?: AccountTrouble;
  /** What was announced last: the code of the trouble, or that all is well; and when (ISO 8601), the last few times. */
  told?: { code?: string; at?: string[] };
  /** Set while premium ends within days. */
  premium_ending?: PremiumEnding;
  /** ISO 8601: when `/v4/user` was last answered. */
  asked_at?: string;
  /** ISO 8601: the end of premium by that answer; absent when there is no premium. */
  premium_until?: string;
}

/** Why an account does not work, for its owner to mend. */
export interface AccountTrouble {
  /** AllDebrid's code, such as `AUTH_BAD_APIKEY`; see `alertCauseOf`. */
  code: string;
  /** ISO 8601. */
  since: string;
  /** Sweeps in a row that met it. */
  sweeps?: number;
  /** Sweeps in a row that went well since. */
  well?: number;
  /** What 1.0.0 wrote instead of `AccountHealth.told`. */
  told?: boolean;
}

/** Premium ends within days. */
interface PremiumEnding {
  /** ISO 8601. */
  until: string;
  /** The alert is in the outbox or was sent. */
  told?: boolean;
}

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
  /** Magnets that wait for a free slot. */
  waiting?: number;
  /** Magnets for which nothing was started, since the sweep was stopped. */
  not_started?: number;
  /** Of the newest sweep: how long before `finished_at` the requests of its last minute were answered. */
  recent_requests_ms?: number[];
  accounts: { name: string; ok: boolean; error: string | null }[];
}
