/** A time in ISO 8601. */
export type IsoTime = string;

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
  filename?: string | undefined;
  /** Bytes. */
  size?: number | undefined;
  hash?: string | undefined;
  /** AllDebrid's own words at the last sighting. */
  status_text?: string | undefined;
  /** The first sighting. */
  failing_since?: IsoTime;
  /** The last sighting. */
  last_seen?: IsoTime;
  /** When it was last seen between sightings: processing, or failing when asked by id. */
  seen_at?: IsoTime | undefined;
  /** Seconds of failure that were observed between sightings; what `min_failing_hours` is held against. */
  failing_seconds?: number;
  /** How many restarts AllDebrid accepted. */
  restarts?: number;
  /** Whether a restart was accepted, or refused because of the magnet itself. */
  had_chance?: boolean;
  /**
   * Nothing was seen of it for more than a day before a sighting, so that failures are not known to be in a row: it
   * needs a restart that is a real chance, or has been given one since.
   */
  gap?: "needed" | "given";
  /** Since `gap` was given: sightings in a row that came in time. Two end it. */
  in_time?: number;
  /** The code that refused its last restart without being about the magnet, and in how many sweeps in a row. */
  refused?: { code: string; times: number };
  /** When the magnet was last asked for by its id. */
  last_asked?: IsoTime;
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
  filename?: string | undefined;
  /** Bytes. */
  size?: number | undefined;
  hash?: string | undefined;
  /** `magnet:?xt=urn:btih:HASH`, when the hash is known. */
  magnet?: string | undefined;
  /** The account's name as people know it. */
  account: string;
  /** The account's id in `accounts.json`; in what 1.0.0 wrote, the fingerprint of the account's key. */
  fingerprint: string;
  status: string;
  status_text?: string | undefined;
  fails: number;
  max_retries: number;
  /** The first sighting. */
  failing_since?: IsoTime | undefined;
  /** When the magnet was uploaded, by AllDebrid's clock. */
  uploaded_at?: IsoTime | undefined;
}

/** A deletion on record: one line of `deletions.jsonl`. */
export interface Deletion extends DeletionDetails {
  /** When AllDebrid confirmed it, or the magnet was found gone; with `confirmed: false`, when it was last sent. */
  deleted_at: IsoTime;
  /** No response confirmed it: the magnet was found gone after a request whose response was lost. */
  response_lost?: boolean;
  /** False: whether it was carried out is not known, since its account is no longer configured. */
  confirmed?: boolean;
}

/**
 * A deletion whose outcome is not known, on disk before the request is sent. It blocks nothing: a magnet that turns out
 * to be gone was deleted here if there is one, else by somebody else.
 */
export interface Intent extends DeletionDetails {
  /** The last request. */
  requested_at: IsoTime;
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
  /** The first sweep that found it a week old. */
  past_limit?: IsoTime;
}

/** What is remembered of a Sonarr or Radarr between sweeps. */
export interface ArrHealth extends Pick<AccountHealth, "trouble" | "told"> {
  /** The last deletion it was told of. */
  last_told?: { at: IsoTime; filename?: string };
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
  at: IsoTime;
  account: string;
  /** Deletions due that nothing else holds. */
  due: number;
  max_deletes: number;
}

/** An account stopped working, or works again. */
export interface AlertNotice {
  kind: "alert";
  key: string;
  at: IsoTime;
  account: string;
  /** AllDebrid's code, or `PREMIUM_ENDING`. */
  code: string;
  /** It is over. */
  resolved: boolean;
  /** The end of premium, where that is what it is about. */
  until?: IsoTime;
}

/** The notices that wait, and what is known of the webhook that should take them. */
export interface Outbox {
  /** Oldest first. */
  pending: Notice[];
  /**
   * Discord said that this webhook is gone (404) or its token wrong (401): it is not called at each sweep.
   * `fingerprint`: of the address.
   */
  dead_webhook?: { fingerprint: string; status: number; called_at: IsoTime };
  /**
   * Its channel, thread or settings keep every message out until somebody mends them. `message`: what Discord said, in
   * one line; `remedy`: what to do.
   */
  blocked_webhook?: { fingerprint: string; message: string; remedy: string; since: IsoTime };
}

/** A magnet whose deletion AllDebrid confirmed, until both lists of its account have answered without it. */
export interface ConfirmedDeletion {
  id: string;
  hash?: string | undefined;
  /** The account's id in `accounts.json`. */
  fingerprint: string;
  /** When it was confirmed. */
  deleted_at: IsoTime;
  /** When the magnet was uploaded, by AllDebrid's clock. */
  uploaded_at?: IsoTime | undefined;
  /** When it was last found there all the same. */
  still_there?: IsoTime;
  /** The counter as it was. */
  record: CounterRecord;
}

/** What is remembered of an account between sweeps. */
export interface AccountHealth {
  /** The account's name as people know it. */
  name: string;
  /** Fingerprints of its keys; absent while it is not known whose account it is (see `identifyAccounts`). */
  keys?: string[];
  /** The last sweep that had it. */
  last_swept?: IsoTime;
  /** The first sweep that found it 90 days without a sweep. */
  past_limit?: IsoTime;
  /** The owner was told that `max_deletes_per_run` holds; reset once the account is under the cap again. */
  cap_told?: boolean;
  /** Set while the account does not work. */
  trouble?: AccountTrouble;
  /** What was announced last: the code of the trouble, or that all is well; and when, the last few times. */
  told?: { code?: string; at?: IsoTime[] };
  /** Set while premium ends within days. `told`: the alert is in the outbox or was sent. */
  premium_ending?: { until: IsoTime; told?: boolean };
  /** When `/v4/user` was last answered. */
  asked_at?: IsoTime;
  /** The end of premium by that answer; absent when there is no premium. */
  premium_until?: IsoTime;
}

/** Why an account does not work, for its owner to mend. */
export interface AccountTrouble {
  /** AllDebrid's code, such as `AUTH_BAD_APIKEY`; see `alertCauseOf`. */
  code: string;
  since: IsoTime;
  /** Sweeps in a row that met it. */
  sweeps?: number;
  /** Sweeps in a row that went well since. */
  well?: number;
  /** What 1.0.0 wrote instead of `AccountHealth.told`. */
  told?: boolean;
}

/** One finished sweep as `status` shows it; the last ones are kept in `sweeps.json`. */
export interface SweepSummary {
  started_at: IsoTime;
  finished_at: IsoTime;
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
