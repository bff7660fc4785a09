import type { ConfirmedDeletion } from "./records.ts";

/** AllDebrid's two lists of failing magnets. */
export type FailingStatus = "expired" | "error";

export const FAILING: readonly FailingStatus[] = ["expired", "error"];

/** The values of the `status` filter of `/v4.1/magnet/status`. */
export type ListName = FailingStatus | "ready" | "active";

/** A magnet as an AllDebrid account shows it. Names and texts are written by strangers: clean them at each sink. */
export interface Magnet {
  /** Digits, without leading zeros. */
  readonly id: string;
  readonly filename?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  /** The torrent's info hash; in every recorded response, not documented. */
  readonly hash?: string | undefined;
  /** AllDebrid's own words, such as "No peer after 30 minutes". */
  readonly statusText?: string | undefined;
  /** 0–3 processing, 4 ready, 5–15 failed; 3 is also used for expired ones. */
  readonly statusCode?: number | undefined;
  readonly uploadedAt?: Date | undefined;
}

/** What a magnet says of itself. */
export type Condition = "ready" | "processing" | "failing" | "unknown";

/** From the documentation of `/v4.1/magnet/status`, which calls 3 "uploading"; one public client calls it "expired". */
const UPLOADING = 3;
const READY = 4;
const LAST_FAILED = 15;

/** Texts that say the same where there is no code. */
const TEXTS: Readonly<Record<string, Condition>> = {
  ready: "ready",
  "in queue": "processing",
  downloading: "processing",
  uploading: "processing",
};

/** By the status code, else the text. `isExpired`: only the `expired` list shows it, where code 3 means a failure. */
export function conditionOf({ statusCode: code, statusText }: Magnet, isExpired: boolean): Condition {
  if (code === undefined) return TEXTS[statusText?.trim().toLowerCase() ?? ""] ?? "unknown";
  if (code === READY) return "ready";
  if (code === UPLOADING && isExpired) return "failing";
  if (code < 0 || code > LAST_FAILED) return "unknown";
  return code < READY ? "processing" : "failing";
}

/** Whether it may be uploading or expired: code 3 stands for both, no list tells which, and its text is not clear. */
export function isVague({ statusCode, statusText = "" }: Magnet): boolean {
  const text = statusText.trim().toLowerCase();
  return statusCode === UPLOADING && text !== "" && TEXTS[text] !== "processing";
}

/** Why a magnet starts anew whose hash `isOtherTorrent`. */
export const REUSED = "the id now belongs to another torrent";

/** Whether two hashes are known and differ: then the same id stands for two torrents. */
export function isOtherTorrent(a: string | undefined, b: string | undefined): boolean {
  const [one, other] = [normalizeHash(a), normalizeHash(b)];
  return one !== undefined && other !== undefined && one !== other;
}

/** Whether this is another magnet than the one whose deletion was confirmed, so that it starts anew. */
export function isUploadedAgain(deletion: ConfirmedDeletion, { hash, uploadedAt }: Magnet): boolean {
  // By AllDebrid's own clock, where that is known.
  const before = new Date(deletion.uploaded_at ?? deletion.deleted_at);
  return isOtherTorrent(deletion.hash, hash) || (uploadedAt ?? 0) > before;
}

const HEX = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const BASE32 = /^[a-z2-7]{32}$/;
const BASE32_DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * A torrent's info hash in one spelling, small hex digits, so that two can be compared; `undefined` for what is not
 * one. Magnet links write it as 40 hex digits, as 32 of base32 (BEP 9), or as 64 hex digits (BEP 52).
 */
export function normalizeHash(text = ""): string | undefined {
  const small = text.trim().toLowerCase();
  if (HEX.test(small)) return small;
  if (!BASE32.test(small)) return undefined;
  const bits = Array.from(small, (digit) => BASE32_DIGITS.indexOf(digit).toString(2).padStart(5, "0"));
  return BigInt(`0b${bits.join("")}`)
    .toString(16)
    .padStart(40, "0");
}

/** The link that adds a torrent again, by BEP 9, or by BEP 52 for a hash of 64 digits; none without a known hash. */
export function magnetLink(hash: string | undefined): string | undefined {
  const known = normalizeHash(hash);
  return known && `magnet:?xt=urn:${known.length === 64 ? "btmh:1220" : "btih:"}${known}`;
}
