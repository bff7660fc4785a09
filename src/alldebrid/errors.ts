import { RENEW_PREMIUM } from "../core/note-health.ts";
import { AccountError } from "../core/ports.ts";
import { cleanText } from "../core/text.ts";
import { IN_BETWEEN } from "../http/failures.ts";

const NO_SERVER =
  "AllDebrid refuses this IP address as a data centre's or VPN's: see https://alldebrid.com/vpn";

const ADVICE: Readonly<Record<string, string>> = {
  AUTH_MISSING_APIKEY: "AllDebrid did not get the API key: check api_keys",
  AUTH_BAD_APIKEY:
    "the API key is wrong or was deleted: make one at https://alldebrid.com/apikeys and put it into api_keys",
  AUTH_BLOCKED:
    "AllDebrid blocked this new location or device: confirm it in the e-mail AllDebrid sent to the account's owner",
  AUTH_USER_BANNED: "the account is banned: ask AllDebrid's support",
  NO_SERVER,
  MAGNET_NO_SERVER: NO_SERVER,
  MUST_BE_PREMIUM: `premium has ended: ${RENEW_PREMIUM}`,
  MAGNET_MUST_BE_PREMIUM: `premium has ended: ${RENEW_PREMIUM}`,
  FREE_TRIAL_LIMIT_REACHED: "the free trial is used up: premium is needed",
  MAINTENANCE: "AllDebrid is under maintenance: try again later",
  MAGNET_TOO_MANY_ACTIVE: "all active slots of the account are taken",
  MAGNET_TOO_MANY:
    "AllDebrid takes no more magnets of this account: it holds too many, or too many were added today; delete some, or wait a day",
  MAGNET_PROCESSING: "it is already running or complete",
  MAGNET_INVALID_ID: "the account has no such magnet",
  GENERIC: "AllDebrid reports an internal error",
  "404": "AllDebrid knows no such endpoint: look for a newer version of magnets",
  DISCONTINUED: "AllDebrid withdrew this endpoint: look for a newer version of magnets",
};

/**
 * One line for an error of AllDebrid's: the code and what it means for the person. AllDebrid's own message is shown for
 * unknown codes only, without markup and links, which may hold tokens.
 */
export function explainCode(code: string, message = ""): string {
  if (Object.hasOwn(ADVICE, code)) return `${ADVICE[code]} (${code})`;
  // The patterns take their time with what never ends.
  const text = message.slice(0, 1_000).replace(/<[^>]*>?/g, " ");
  const plain = cleanText(text.replace(/\w+:\/\/\S*/g, "[link]"), 200);
  return plain ? `${plain} (${cleanText(code, 60)})` : cleanText(code, 60);
}

/** A closed list: nothing is deleted for refusals of any other code, a new one included, however often they come. */
const CHANCES = new Set([
  "MAGNET_PROCESSING",
  "MAGNET_PROCESSING_FAILED",
  "MAGNET_TOOK_TOO_LONG",
  "MAGNET_LINKS_REMOVED",
  "MAGNET_CANT_BOOTSTRAP",
  "MAGNET_TOO_LARGE",
  "MAGNET_MAGNET_TOO_BIG",
]);

/** Whether a refused restart was a real chance: AllDebrid tried, and refused because of the magnet itself. */
export function isChance(code: string): boolean {
  return CHANCES.has(code);
}

/** Whether an error of AllDebrid's is known to come before anything is done. After any other, a deletion may still happen. */
export function isRefusedBefore(code: string): boolean {
  return /^AUTH_|MUST_BE_PREMIUM$|NO_SERVER$|^DISCONTINUED$|^404$/.test(code);
}

/** AllDebrid responded with an error of its own, inside HTTP 200 or not. */
export function apiError(code: string, message?: string): AccountError {
  const retry = code === "MAINTENANCE";
  return new AccountError(explainCode(code, message), {
    code,
    retry,
    mayHaveArrived: !isRefusedBefore(code),
  });
}

/** What a response in status 200 is that is not AllDebrid's JSON. Both glitches were met in its outages, for hours. */
export function notAllDebrids(body: string): string {
  if (body.trim() === "") return "the response is empty, as in outages of AllDebrid's: try again later";
  if (body.startsWith("reconnect")) {
    return 'the response begins with the word "reconnect", as in outages of AllDebrid\'s: try again later';
  }
  return `the response is not AllDebrid's: ${IN_BETWEEN}`;
}
