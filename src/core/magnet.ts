/** The two lists of AllDebrid that make a magnet a failing one. */
export type FailingStatus = "expired" | "error";

/** The values of the `status` filter of `/v4.1/magnet/status`. */
export type ListName = FailingStatus | "ready" | "active";

/** A magnet as an AllDebrid account shows it. Names and texts are written by strangers: clean them at each sink. */
export interface Magnet {
  /** Digits, without leading zeros. */
  readonly id: string;
  readonly filename?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  /** The torrent's info hash; seen in practice, not documented. */
  readonly hash?: string | undefined;
  /** AllDebrid's own words, such as "No peer after 30 minutes". */
  readonly statusText?: string | undefined;
  /** 0–3 processing, 4 ready, 5 and more failed. */
  readonly statusCode?: number | undefined;
}

/** The status code of a magnet that is complete (documentation of `/v4.1/magnet/status`). */
export const READY_CODE = 4;

/** What a magnet asked for by its id turns out to be. */
export type Condition = "ready" | "processing" | "failing" | "unknown";

/** Reads a magnet's condition off its status code (documentation of `/v4.1/magnet/status`), else off its text. */
export function conditionOf(magnet: Magnet): Condition {
  const code = magnet.statusCode;
  if (code === undefined) return magnet.statusText?.toLowerCase() === "ready" ? "ready" : "unknown";
  if (code === READY_CODE) return "ready";
  return code >= 0 && code < READY_CODE ? "processing" : "failing";
}

const HEX = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const BASE32 = /^[a-z2-7]{32}$/;
const BASE32_DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * A torrent's info hash in one spelling, small hex digits, so that two can be compared; `undefined` for what
 * is not one. Magnet links write it as 40 hex digits, as 32 of base32 (BEP 9), or as 64 hex digits (BEP 52).
 */
export function normalizeHash(text: string): string | undefined {
  const small = text.trim().toLowerCase();
  if (HEX.test(small)) return small;
  if (!BASE32.test(small)) return undefined;
  const bits = Array.from(small, (digit) => BASE32_DIGITS.indexOf(digit).toString(2).padStart(5, "0")).join(
    "",
  );
  return BigInt(`0b${bits}`).toString(16).padStart(40, "0");
}
