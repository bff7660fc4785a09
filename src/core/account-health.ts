/** What is remembered of an account between sweeps, by the fingerprint of its key. */
export interface AccountHealth {
  /** The account's name as people know it. */
  name: string;
  /** The owner was told that `max_deletes_per_run` holds; reset once the account is under the cap again. */
  cap_told?: boolean;
}
