import { type Magnet, normalizeHash } from "./magnet.ts";
import type { CounterRecord } from "./records.ts";

const DIGITS = /^\d+$/;

/**
 * Why `protect` keeps this magnet from being deleted, or nothing. What the lists left out is taken from the
 * record; where an entry can't be ruled out because name or hash is unknown, the magnet is protected too.
 */
export function protectedBy(
  protect: readonly string[],
  magnet: Magnet,
  record: CounterRecord,
): string | undefined {
  if (protect.length === 0) return undefined;
  const names = [magnet.filename, record.filename].flatMap((name) => (name?.trim() ? [fold(name)] : []));
  const hashes = [magnet.hash, record.hash].flatMap((hash) => normalizeHash(hash ?? "") ?? []);
  for (const entry of protect) {
    const pattern = fold(entry.trim());
    const hash = normalizeHash(pattern);
    if (pattern === magnet.id) return `protected by "${entry}"`;
    if (hash !== undefined && hashes.includes(hash)) return `protected by "${entry}"`;
    if (names.some((name) => matchesWildcard(pattern, name))) return `protected by "${entry}"`;
    if (hash !== undefined) {
      if (hashes.length === 0) return `its hash is unknown, so protect's "${entry}" can't be ruled out`;
    } else if (names.length === 0 && !DIGITS.test(pattern)) {
      return `its name is unknown, so protect's "${entry}" can't be ruled out`;
    }
  }
  return undefined;
}

function fold(text: string): string {
  return text.normalize("NFC").toLowerCase();
}

/**
 * Whether the whole text matches a pattern of `*` (any run) and `?` (one character). Greedy with one point to
 * go back to, so that no name or pattern can make it slow as a regular expression could be made.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  const p = Array.from(pattern);
  const t = Array.from(text);
  let pi = 0;
  let ti = 0;
  let star = -1;
  let resume = 0;
  while (ti < t.length) {
    if (p[pi] === "*") {
      star = pi++;
      resume = ti;
    } else if (pi < p.length && (p[pi] === "?" || p[pi] === t[ti])) {
      pi++;
      ti++;
    } else if (star >= 0) {
      pi = star + 1;
      ti = ++resume;
    } else {
      return false;
    }
  }
  while (p[pi] === "*") pi++;
  return pi === p.length;
}
