import { type Magnet, normalizeHash } from "./magnet.ts";
import type { CounterRecord, Counters } from "./records.ts";
import { cleanText } from "./text.ts";

const DIGITS = /^\d+$/;

/** What tells one magnet from another. */
type Identity = Pick<Magnet, "id" | "filename" | "hash">;

/** Why `protect` keeps this magnet from being deleted; also where a name or hash that an entry needs is not known. */
export function protectedBy(protect: readonly string[], magnet: Magnet, record: CounterRecord) {
  if (protect.length === 0) return undefined;
  const traits = traitsOf([magnet, { id: magnet.id, filename: record.filename, hash: record.hash }]);
  for (const text of protect) {
    const entry = readEntry(text);
    if (matches(entry, traits)) return `protected by "${text}"`;
    if (entry.hashes.length > 0) {
      if (traits.hashes.length === 0) return `its hash is unknown, so protect's "${text}" can't be ruled out`;
    } else if (traits.names.length === 0 && !DIGITS.test(entry.text)) {
      return `its name is unknown, so protect's "${text}" can't be ruled out`;
    }
  }
  return undefined;
}

/** The entries of `protect` that match none of the magnets. */
export function unmatchedEntries(protect: readonly string[], magnets: Iterable<Identity>): string[] {
  if (protect.length === 0) return [];
  const all = Array.from(magnets, (magnet) => traitsOf([magnet]));
  return protect.filter((text) => {
    const entry = readEntry(text);
    return !all.some((traits) => matches(entry, traits));
  });
}

/** What a dry run and `check` say of such an entry. */
export function describeUnmatched(entry: string): string {
  return `"${cleanText(entry, 80)}" matches no magnet that is tracked or listed as failing`;
}

/** The tracked magnets, as `unmatchedEntries` takes them. */
export function trackedMagnets(counters: Counters): Identity[] {
  return Array.from(counters, ([id, { filename, hash }]) => ({ id, filename, hash }));
}

type Entry = ReturnType<typeof readEntry>;

/** Reads an entry in every way in which it can match; as a name it is a pattern for the whole name, or a part of it. */
function readEntry(entry: string) {
  const text = entry.trim();
  return { text, hashes: hashesIn(text), name: fold(text), isPattern: /[*?]/.test(text) };
}

/** A hash, also as `urn:btih:…` (BEP 9) or `urn:btmh:1220…` (BEP 52), or in a whole magnet link. */
function hashesIn(text: string): string[] {
  const urns = text.matchAll(/urn(?::|%3a)bt(?:ih(?::|%3a)|mh(?::|%3a)1220)([\da-z]+)/gi);
  return [text, ...Array.from(urns, ([, hash = ""]) => hash)].flatMap((hash) => normalizeHash(hash) ?? []);
}

type Traits = ReturnType<typeof traitsOf>;

function traitsOf(seen: readonly [Identity, ...Identity[]]) {
  return {
    id: seen[0].id,
    hashes: seen.flatMap(({ hash }) => normalizeHash(hash) ?? []),
    names: seen.flatMap(({ filename }) => (filename?.trim() ? [fold(filename)] : [])),
  };
}

function matches({ text, hashes, name, isPattern }: Entry, traits: Traits): boolean {
  if (text === traits.id || hashes.some((hash) => traits.hashes.includes(hash))) return true;
  const fits = (pattern: string, whole: string) =>
    pattern !== "" && (isPattern ? matchesWildcard(pattern, whole) : whole.includes(pattern));
  return traits.names.some(({ exact, loose }) => fits(name.exact, exact) || fits(name.loose, loose));
}

/**
 * A name in a form to compare. `exact` keeps one character for each, so that `?` can stand for it; `loose` also takes
 * dashes and blanks, however many, for one blank, and ignores quotes and apostrophes (`Oceans.Eleven`).
 */
function fold(text: string) {
  const exact = text
    .replace(/\p{Default_Ignorable_Code_Point}/gu, "")
    // Before NFKC, which takes some of them apart.
    .replace(/[’‘‚‛′ʼʻʹ`´＇]/g, "'")
    .replace(/[“”„‟«»″]/g, '"')
    .normalize("NFKC")
    .toUpperCase()
    .toLowerCase()
    .normalize("NFKC")
    .replaceAll("ς", "σ")
    .replaceAll("i\u0307", "i")
    .replace(/[\s._]/g, " ")
    .replace(/[\p{Pd}−]/gu, "-")
    .trim();
  return {
    exact,
    loose: exact
      .replace(/['"]/g, "")
      .replace(/[\s·-]+/g, " ")
      .trim(),
  };
}

/**
 * Whether the whole text matches a pattern of `*` (any run) and `?` (one character). Greedy, with a single point to
 * backtrack to: no name or pattern can make it as slow as a regular expression can get.
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

const REGEX = "looks like a regular expression: write a part of the name, or a pattern with * and ?";
const EACH = "looks like several in one: write each as an entry of its own";

/** Notations of other programs, and what to write instead. The first that matches counts. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/[\n\r\u2028\u2029]/, `contains a line break: write each as an entry of its own`],
  [/^[\s._]*$/, "expected an id, a hash or a name"],
  [
    /^(ids?|magnet[_ -]?id)\s*[:=]\s*["'#]?(\d|$|\*)|^#\s*\d+$/i,
    "write the id alone, without anything before it",
  ],
  [/^(info[_ -]?)?hash(es)?\s*[:=]|^bt[im]h\s*[:=]/i, "write the hash alone, without anything before it"],
  [
    /^(file)?names?\s*[:=]|^(regexp?|glob|pattern)\s*[:=]/i,
    "write the name alone, without anything before it",
  ],
  [/\*\s*[,;|]\s*\*|^\d{5,}(\s*[,;|\s]\s*\d{5,})+$|^[\da-f]{40}\s*[,;|\s]\s*[\da-f]{40}/i, EACH],
  [/^\^|\$$|\.\*|^\(\?|\\/, REGEX],
  [/^~?\/|^[a-z]:\//i, "looks like a path: write a part of the name as AllDebrid shows it"],
  [/^https?:\/\//i, "looks like a URL: write an id, a hash or a part of the name"],
];

const AS_IT_IS = "is matched as it is";

/** Notations that may be meant as another program's, or be part of a name. */
const DOUBTS: readonly (readonly [RegExp, string])[] = [
  [/\{[^{}]*,[^{}]*\}/, `{a,b} ${AS_IT_IS}: if several names are meant, write each as an entry of its own`],
  [/^%|%$/, `% ${AS_IT_IS}: if any text is meant, write *`],
  [/\.\+|\([^()]*\|[^()]*\)|\[(0-9|a-z)/i, `${AS_IT_IS}: if a regular expression is meant, write * and ?`],
  [/^(["'`]).*\1$/, `the quotes are part of the name: remove them if they should not be`],
  [/^!/, `! ${AS_IT_IS}: nothing can be taken out of protect`],
];

/** What is wrong with an entry of `protect` and what to write instead, or what may be wrong with it. */
export function checkEntry(text: string): { mistake?: string | undefined; doubt?: string | undefined } {
  if (/^(magnet|urn):/i.test(text)) {
    const isKnown = hashesIn(text).length > 0;
    return isKnown
      ? {}
      : { mistake: "contains no hash: expected urn:btih: and 40 hex digits or 32 of base32" };
  }
  const first = (table: typeof MISTAKES) => table.find(([pattern]) => pattern.test(text))?.[1];
  const mistake = first(MISTAKES);
  return mistake === undefined ? { doubt: first(DOUBTS) } : { mistake };
}
