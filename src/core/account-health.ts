/** What is remembered of an account between sweeps, by the fingerprint of its key. */
export interface AccountHealth {
  /** The account's name as people know it. */
  name: string;
  /** The owner was told that `max_deletes_per_run` holds; reset once the account is under the cap again. */
  cap_told?: boolean;
  /** Set while the account does not work. */
  trouble?: AccountTrouble;
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
  /** The alert is in the outbox or was sent. */
  told?: boolean;
}

/** Premium ends within days. */
interface PremiumEnding {
  /** ISO 8601. */
  until: string;
  /** The alert is in the outbox or was sent. */
  told?: boolean;
}
