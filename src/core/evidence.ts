import { type AccountClient, AccountError, type AccountUser } from "./ports.ts";

/** Why an account or arr does not work, where its owner can fix that; the first pattern that a code matches counts. */
const CAUSES = {
  banned: /^AUTH_USER_BANNED$/,
  blocked: /^AUTH_BLOCKED$/,
  key: /^AUTH_/,
  address: /NO_SERVER$/,
  premium: /MUST_BE_PREMIUM$|^FREE_TRIAL_/,
  "arr key": /^ARR_KEY$/,
  "arr unreachable": /^ARR_UNREACHABLE$/,
};
export type AlertCause = keyof typeof CAUSES;
/** In the order in which they should be fixed. */
export const ALERT_CAUSES = Object.keys(CAUSES) as AlertCause[];

/** What an alert about premium that ends soon has in place of AllDebrid's code. */
export const PREMIUM_ENDING = "PREMIUM_ENDING";

/** The cause that a code stands for; none for what passes by itself (maintenance) or is not about the account. */
export function alertCauseOf(code: string): AlertCause | undefined {
  return ALERT_CAUSES.find((cause) => CAUSES[cause].test(code));
}

/** A normal refusal of a restart: all active slots of the account are taken. */
export const SLOTS_FULL = "MAGNET_TOO_MANY_ACTIVE";

/** Codes that say something about account, address or service and nothing about any one magnet. */
export function isAccountCode(code: string): boolean {
  return /^AUTH_|NO_SERVER$|MUST_BE_PREMIUM$|^MAINTENANCE$|^FREE_TRIAL_|^DISCONTINUED$|^404$/.test(code);
}

/** Whether an error of a whole request can be about one magnet in it. */
export function mayBeOneMagnets(code: string): boolean {
  return !isAccountCode(code) && !code.startsWith("MAGNET_TOO_MANY");
}

/** Whether the key itself is refused, so that no request at all should succeed. */
export function refusesAll(cause: AlertCause): boolean {
  return cause === "key" || cause === "blocked" || cause === "banned";
}

/** A refusal of the account as such; `message` is one line for the person, with what to do. */
type Refusal = Readonly<Record<"code" | "message", string>>;

/** What the responses of one sweep say about whether the account works. */
export interface Evidence {
  /** The first refusal of each cause. */
  readonly refusals: Map<AlertCause, Refusal>;
  /** The requests that were refused because of the account. */
  readonly refusedBy: Set<"list" | "user">;
  listed: boolean;
  /** A restart was accepted, or refused because of the magnet itself: the account may restart. */
  restarts: boolean;
  /** What `/v4/user` answered; absent as well while nobody has asked. */
  user?: AccountUser;
  /** Why it did not answer, in one line. */
  userError?: string;
}

/** In UTF-16 units: codes are kept in state, and a server may send anything. */
const LONGEST_CODE = 60;

/** A client that gathers what its responses say about the account. */
export type WatchedClient = AccountClient & { readonly evidence: Evidence };

export function noEvidence(): Evidence {
  return { refusals: new Map(), refusedBy: new Set(), listed: false, restarts: false };
}

export function watchClient(client: AccountClient): WatchedClient {
  const evidence = noEvidence();
  // An address that is refused everywhere is `NO_SERVER`, one that may list but not restart `MAGNET_NO_SERVER`,
  // whichever of the two AllDebrid says: only a request of the same kind can show that it is over.
  const refused = ({ code: given, message }: Refusal, addressCode = "NO_SERVER") => {
    const cause = alertCauseOf(given);
    const code = cause === "address" ? addressCode : given.slice(0, LONGEST_CODE);
    if (cause && !evidence.refusals.has(cause)) evidence.refusals.set(cause, { code, message });
  };
  const watched = async <T>(response: Promise<T>, by?: "list" | "user"): Promise<T> => {
    try {
      return await response;
    } catch (error) {
      if (error instanceof AccountError && error.code !== undefined) {
        refused({ code: error.code, message: error.message });
        if (by && alertCauseOf(error.code)) evidence.refusedBy.add(by);
      }
      throw error;
    }
  };
  return {
    name: client.name,
    fingerprint: client.fingerprint,
    evidence,
    async list(list) {
      const found = await watched(client.list(list), "list");
      evidence.listed = true;
      return found;
    },
    getMagnet: (id) => watched(client.getMagnet(id)),
    async user() {
      try {
        evidence.user = await watched(client.user(), "user");
        return evidence.user;
      } catch (error) {
        if (error instanceof AccountError) evidence.userError = error.message;
        throw error;
      }
    },
    async restart(ids) {
      const result = await client.restart(ids);
      const { code, message = "" } = result.failure ?? {};
      if (code !== undefined) refused({ code, message }, "MAGNET_NO_SERVER");
      for (const outcome of result.outcomes.values()) {
        if (outcome.kind === "refused") refused(outcome, "MAGNET_NO_SERVER");
        evidence.restarts ||= outcome.kind === "accepted" || (outcome.kind === "refused" && outcome.chance);
      }
      return result;
    },
    async delete(id) {
      const outcome = await client.delete(id);
      if (outcome.kind === "refused") refused(outcome);
      return outcome;
    },
  };
}
