import * as v from "valibot";

// What is remembered between runs: the fields of each kind of entry, as the files of state spell them. Fields that
// another version wrote are kept, too. Sizes are bytes; hashes and texts are as AllDebrid gave them.

type EntryOf<Fields extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<Fields, undefined>>;

/** A magnet's id: digits without leading zeros, as many as 64 bits can have. */
export const MagnetId = v.pipe(v.string(), v.regex(/^(?:0|[1-9]\d{0,19})$/));

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Quantity = v.pipe(v.number(), v.finite(), v.minValue(0));

const MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;

/** A time in ISO 8601: nothing that `Date.parse` could not read. */
export const Moment = v.pipe(v.string(), v.regex(MOMENT));
export type IsoTime = v.InferOutput<typeof Moment>;

/**
 * One entry of `retry_counts.json`: what is remembered of a failing magnet. `fails` (sightings in failure) and
 * `last_status` are the original program's two fields; an entry may hold nothing else.
 */
export const CounterSchema = v.looseObject({
  fails: Count,
  last_status: v.optional(v.string(), "error"),
  /** The account that owns the magnet, by its id in `accounts.json`; unknown when absent. */
  account: v.exactOptional(v.string()),
  filename: v.optional(v.string()),
  size: v.optional(Quantity),
  hash: v.optional(v.string()),
  /** AllDebrid's own words at the last sighting. */
  status_text: v.optional(v.string()),
  /** The first and the last sighting. */
  failing_since: v.exactOptional(Moment),
  last_seen: v.exactOptional(Moment),
  /** Seconds of failure that were observed between sightings; what `min_failing_hours` is held against. */
  failing_seconds: v.exactOptional(Quantity),
  /** How many restarts AllDebrid accepted. */
  restarts: v.exactOptional(Count),
  /** Whether a restart was accepted, or refused because of the magnet itself. */
  had_chance: v.exactOptional(v.boolean()),
  /** When it was last seen between sightings: processing, or failing when asked by id. */
  seen_at: v.optional(Moment),
  /**
   * Nothing was seen of it for more than a day before a sighting, so its failures may not be in a row. `needed`: a
   * restart has to give it a real chance before it is deleted; `given`: one has.
   */
  gap: v.exactOptional(v.picklist(["needed", "given"])),
  /** Since `gap` was given: sightings in a row that came in time. Two end it. */
  in_time: v.exactOptional(Count),
  /** The code that last refused its restart for a reason other than the magnet, and for how many sweeps in a row. */
  refused: v.exactOptional(v.object({ code: v.string(), times: Count })),
  /** When the magnet was last asked for by its id. */
  last_asked: v.exactOptional(Moment),
  /** Why the last sweep held its deletion back; absent when it did not. */
  held: v.exactOptional(v.string()),
  /** The label under which the last sweep's log counted it: the next one logs it only if its label differs. */
  outcome: v.exactOptional(v.string()),
});
export type CounterRecord = v.InferOutput<typeof CounterSchema>;
/** All counters, by magnet id. */
export type Counters = Map<string, CounterRecord>;

/** A deletion on record, one line of `deletions.jsonl`: enough to add the magnet again. */
export const deletionFields = {
  /** Names this deletion uniquely, in the intent, in `deletions.jsonl` and in the outbox. */
  key: v.string(),
  id: MagnetId,
  filename: v.optional(v.string()),
  size: v.optional(Quantity),
  hash: v.optional(v.string()),
  /** The link that adds it again, when the hash is known. */
  magnet: v.optional(v.string()),
  /** The account's name as people know it. */
  account: v.string(),
  /** The account's id in `accounts.json`; in what 1.0.0 wrote, the fingerprint of the account's key. */
  fingerprint: v.string(),
  /** When AllDebrid confirmed it, or the magnet was found gone; with `confirmed: false`, when it was last sent. */
  deleted_at: Moment,
  /** No response confirmed it: the magnet was found gone after a request whose response was lost. */
  response_lost: v.exactOptional(v.boolean()),
  /** False: whether it was carried out is not known, since its account is no longer configured. */
  confirmed: v.exactOptional(v.boolean()),
  status: v.string(),
  status_text: v.optional(v.string()),
  fails: Count,
  max_retries: Count,
  failing_since: v.optional(Moment),
  /** When the magnet was uploaded, by AllDebrid's clock. */
  uploaded_at: v.optional(Moment),
};
export type Deletion = EntryOf<typeof deletionFields>;

/**
 * A deletion whose outcome is not known, on disk before the request is sent (the last at `requested_at`). It blocks
 * nothing: once the magnet turns out to be gone, it tells that it was deleted here and not by somebody else.
 */
export type Intent = Omit<Deletion, "deleted_at" | "response_lost" | "confirmed"> & { requested_at: IsoTime };

/** What became of a deletion at a Sonarr or Radarr, by the server's configured name; `later`: not known yet. */
const ArrResultSchema = v.object({
  name: v.string(),
  outcome: v.picklist(["searches", "off", "keeps", "marked", "already", "not grabbed", "later"]),
});
export type ArrResult = v.InferOutput<typeof ArrResultSchema>;

/** A magnet was deleted. `key` is the deletion's; `arrs` is what became of it at each server that is to be told. */
export const deletionNoticeFields = {
  kind: v.literal("deletion"),
  ...deletionFields,
  arrs: v.exactOptional(v.array(ArrResultSchema)),
};
export type DeletionNotice = EntryOf<typeof deletionNoticeFields>;

/** More deletions are `due`, that nothing else holds, than `max_deletes_per_run` allows, so none was done. */
export const capNoticeFields = {
  kind: v.literal("cap"),
  key: v.string(),
  at: Moment,
  account: v.string(),
  due: Count,
  max_deletes: Count,
};
export type CapNotice = EntryOf<typeof capNoticeFields>;

/** An account stopped working, or works again (`resolved`). */
export const alertNoticeFields = {
  kind: v.literal("alert"),
  key: v.string(),
  at: Moment,
  account: v.string(),
  /** AllDebrid's code, or `PREMIUM_ENDING`. */
  code: v.string(),
  resolved: v.boolean(),
  /** The end of premium, where that is what it is about. */
  until: v.exactOptional(Moment),
};
export type AlertNotice = EntryOf<typeof alertNoticeFields>;

/** Something to announce on Discord. It waits in the outbox until Discord has taken it. */
export type Notice = DeletionNotice | CapNotice | AlertNotice;

/** Why a webhook takes nothing; each with the fingerprint of its address. */
export const refusalFields = {
  /** Discord said that it is gone (404) or its token wrong (401): it is not called at each sweep. */
  dead_webhook: v.exactOptional(
    v.looseObject({ fingerprint: v.string(), status: v.number(), called_at: Moment }),
  ),
  /**
   * Its channel, thread or settings keep every message out until somebody mends them: what Discord said, what to do.
   */
  blocked_webhook: v.exactOptional(
    v.looseObject({ fingerprint: v.string(), message: v.string(), remedy: v.string(), since: Moment }),
  ),
};
/** The notices that wait, oldest first, and what is known of the webhook that should take them. */
export type Outbox = { pending: Notice[] } & EntryOf<typeof refusalFields>;

/** A magnet whose deletion AllDebrid confirmed at `deleted_at`, until both lists of its account answered without it. */
export const confirmedFields = {
  id: MagnetId,
  hash: v.optional(v.string()),
  fingerprint: v.string(),
  deleted_at: Moment,
  uploaded_at: v.optional(Moment),
  /** When it was last found there all the same. */
  still_there: v.exactOptional(Moment),
  /** The counter as it was. */
  record: CounterSchema,
};
export type ConfirmedDeletion = EntryOf<typeof confirmedFields>;

/** Whether something works, and what was announced of it. */
const healthFields = {
  /** Why it does not, for its owner to mend. */
  trouble: v.exactOptional(
    v.looseObject({
      /** AllDebrid's code, such as `AUTH_BAD_APIKEY`; see `alertCauseOf`. */
      code: v.string(),
      since: Moment,
      /** Sweeps in a row that met it, and that went well since. */
      sweeps: v.exactOptional(Count),
      well: v.exactOptional(Count),
      /** What 1.0.0 wrote instead of `told` below. */
      told: v.exactOptional(v.boolean()),
    }),
  ),
  /** What was announced last: the code of the trouble, or that all is well; and when, the last few times. */
  told: v.exactOptional(
    v.object({ code: v.exactOptional(v.string()), at: v.exactOptional(v.array(Moment)) }),
  ),
};

/** What is remembered of an account between sweeps. */
export const accountFields = {
  /** The account's name as people know it. */
  name: v.string(),
  /** The owner was told that `max_deletes_per_run` holds; reset once the account is under the cap again. */
  cap_told: v.exactOptional(v.boolean()),
  ...healthFields,
  /** Set while premium ends within days; `told`: the alert is in the outbox or was sent. */
  premium_ending: v.exactOptional(v.looseObject({ until: Moment, told: v.exactOptional(v.boolean()) })),
  /** When `/v4/user` was last answered, and the end of premium by that answer, where there is premium. */
  asked_at: v.exactOptional(Moment),
  premium_until: v.exactOptional(Moment),
  /** Fingerprints of its keys; absent while it is not known whose account it is (see `identifyAccounts`). */
  keys: v.exactOptional(v.array(v.string())),
  /** The last sweep that had it, and the first that found that one more than 90 days old. */
  last_swept: v.exactOptional(Moment),
  past_limit: v.exactOptional(Moment),
};
export type AccountHealth = EntryOf<typeof accountFields>;
export type AccountTrouble = NonNullable<AccountHealth["trouble"]>;

/** A deletion that a Sonarr or Radarr (`server`, its configured name) is still to be told of. */
export const arrTaskFields = {
  /** The deletion's key and the server's name. */
  key: v.string(),
  deletion: v.string(),
  server: v.string(),
  id: MagnetId,
  hash: v.string(),
  filename: v.optional(v.string()),
  account: v.string(),
  deleted_at: Moment,
  /** The first sweep that found it a week old. */
  past_limit: v.exactOptional(Moment),
};
export type ArrTask = EntryOf<typeof arrTaskFields>;

/** What is remembered of a Sonarr or Radarr between sweeps; `last_told`: the last deletion it was told of. */
export const arrHealthFields = {
  ...healthFields,
  last_told: v.exactOptional(v.looseObject({ at: Moment, filename: v.exactOptional(v.string()) })),
};
export type ArrHealth = EntryOf<typeof arrHealthFields>;

/** The deletions that servers are still to be told of, oldest first, and what is known of each server, by its name. */
export interface Arrs {
  pending: ArrTask[];
  servers: Map<string, ArrHealth>;
}

/** One finished sweep as `status` shows it; the last ones are kept in `sweeps.json`. Counts are of magnets. */
export const sweepFields = {
  started_at: Moment,
  finished_at: Moment,
  exit_code: Count,
  failing: Count,
  restarted: Count,
  deleted: Count,
  held: Count,
  failed: Count,
  forgotten: Count,
  /** Those that wait for a free slot. */
  waiting: v.exactOptional(Count),
  /** Those for which nothing was started, since the sweep was stopped. */
  not_started: v.exactOptional(Count),
  /** For the newest sweep only: how long before `finished_at` each request of its last minute ended. */
  recent_requests_ms: v.exactOptional(v.array(Quantity)),
  accounts: v.array(v.looseObject({ name: v.string(), ok: v.boolean(), error: v.nullable(v.string()) })),
};
export type SweepSummary = EntryOf<typeof sweepFields>;
