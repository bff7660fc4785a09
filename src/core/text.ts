/** A count and what is counted: `1 account`, `2 accounts`. Default plural: the noun with an s. */
export function countOf(count: number, noun: string, plural = `${noun}s`): string {
  return `${count} ${count === 1 ? noun : plural}`;
}

/** How many notifications wait to be sent, as the subject and verb of a sentence. */
export function notificationsWait(count: number): string {
  return countOf(count, "notification waits", "notifications wait");
}

/** How a language writes sizes: the units from bytes up in steps of 1,000, and the decimal mark. */
export interface SizeWords {
  readonly units: readonly string[];
  readonly decimalMark: string;
}

/** English, as terminals show it, too. */
export const ENGLISH_SIZES: SizeWords = { units: ["B", "kB", "MB", "GB", "TB", "PB"], decimalMark: "." };

/** Writes a size in bytes with about three digits, such as `1.4 GB`; `undefined` for what is not a size. */
export function humanSize(bytes: number | undefined, words: SizeWords): string | undefined {
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return undefined;
  let value = bytes;
  let step = 0;
  // 999.5 would be written as 1000 of its unit.
  while (value >= 999.5 && step < words.units.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step > 0 && value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
  return `${digits.replace(".", words.decimalMark)} ${words.units[step] ?? ""}`;
}

/** Half a character, which is not well-formed UTF-16. */
const LONE_SURROGATE = /\p{Cs}/gu;

/** Controls and line or paragraph separators: they end words, so a space takes their place. */
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\u2800]/gu;

const EMOJI = "\\p{Extended_Pictographic}";
const VARIANT = "[\\ufe0f\\u{1f3fb}-\\u{1f3ff}]?";
/** What makes one emoji of several (a family, a profession): the joiner between two, and the selector after one. */
const JOINER = `\\u200d(?<=${EMOJI}${VARIANT}\\u200d)(?=${EMOJI})`;
const SELECTOR = `(?<=${EMOJI})\\ufe0f(?:(?=\\u200d${EMOJI})|(?<=${EMOJI}${VARIANT}\\u200d${EMOJI}\\ufe0f))`;

/** What shows nothing and may do harm: bidi overrides, zero-width, private use, what Unicode says may be ignored. */
const INVISIBLE = new RegExp(
  `(?!${JOINER}|${SELECTOR})[\\p{Cf}\\p{Co}\\p{Noncharacter_Code_Point}\\p{Default_Ignorable_Code_Point}]`,
  "gu",
);

/** More marks on one letter than any script stacks; a flood of them covers the lines above and below. */
const MARK_FLOOD = /(\p{M}{8})\p{M}+/gu;

/** A mark without a letter of its own would sit on whatever is printed before it. */
const LEADING = /^[\s\p{M}]+/u;

/**
 * Makes a text written by strangers harmless to show on one line. Takes time linear in its length. Call it at each sink
 * (terminal, log, Discord, file) and keep the raw text in state. What exceeds `maxLength` UTF-16 units ends in `…`.
 */
export function cleanText(text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const clean = text
    .replace(LONE_SURROGATE, "\ufffd")
    .replace(BREAKS, " ")
    .replace(INVISIBLE, "")
    .replace(MARK_FLOOD, "$1")
    .replace(/\s+/gu, " ")
    .replace(LEADING, "")
    .trimEnd();
  return cutText(clean, maxLength);
}

/** Cuts a text to `maxLength` UTF-16 units, the last one `…`, between characters as people see them. */
function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  if (maxLength < 1) return "";
  const end = new Intl.Segmenter().segment(text).containing(maxLength - 1)?.index;
  return `${text.slice(0, end).trimEnd()}…`;
}

/** Parses JSON; `undefined` for what is not JSON. The parser's own message is not kept: it quotes the text. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A magnet as log lines name it. */
export function describeMagnet(id: string, filename: string | null | undefined): string {
  return filename ? `"${cleanText(filename, 120)}" (${id})` : `magnet ${id}`;
}

/** What became of a deletion at a Sonarr or Radarr, as the log and Discord say it in English. */
export const ARR_OUTCOMES = {
  searches: "marked as failed, searches again",
  off: "marked as failed; automatic search is off there",
  keeps: "marked as failed; it keeps its file until something better comes",
  marked: "marked as failed",
  already: "was marked as failed already",
  later: "not reached, will be told later",
} as const;

/** An account's name as it is typed in a shell. */
export function quoted(name: string): string {
  return /^[\w.@+-]+$/.test(name) ? name : `"${name.replace(/["$`\\]/g, "\\$&")}"`;
}
