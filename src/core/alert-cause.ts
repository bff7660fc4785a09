/** Why an account can't do its work, where that is for its owner to mend. */
export type AlertCause = "key" | "blocked" | "banned" | "address" | "premium";

/** What an alert about premium that ends soon has in place of AllDebrid's code. */
export const PREMIUM_ENDING = "PREMIUM_ENDING";

/**
 * The cause that a code of AllDebrid's stands for; none for what passes by itself (maintenance, an internal error)
 * or says nothing about the account.
 */
export function alertCauseOf(code: string): AlertCause | undefined {
  if (code === "AUTH_USER_BANNED") return "banned";
  if (code === "AUTH_BLOCKED") return "blocked";
  if (code.startsWith("AUTH_")) return "key";
  if (code.endsWith("NO_SERVER")) return "address";
  if (code.endsWith("MUST_BE_PREMIUM") || code.startsWith("FREE_TRIAL_")) return "premium";
  return undefined;
}

/** Whether the refusal is of the key itself, so that nothing at all should be answered. */
export function refusesAll(cause: AlertCause): boolean {
  return cause === "key" || cause === "blocked" || cause === "banned";
}
