const HEX = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const BASE32 = /^[a-z2-7]{32}$/;
const BASE32_DIGITS = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * A torrent's info hash in one spelling, small hex digits, so that two can be compared; `undefined` for what
 * is none. Magnet links write it as 40 hex digits, as 32 of base32 (BEP 9), or as 64 hex digits (BEP 52).
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
