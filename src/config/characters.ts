const DELETE = "delete it";

/** What has no place in a config file, though an editor shows nothing of it, or something else. The first counts. */
const KINDS: readonly (readonly [pattern: RegExp, name: string, remedy: string])[] = [
  [/\0/, "a NUL character", DELETE],
  [/\u00a0/, "a no-break space", "write an ordinary space or none"],
  [/\u202f/, "a narrow no-break space", "write an ordinary space or none"],
  [/\u200b/, "a zero-width space", DELETE],
  [/\ufeff/, "a byte order mark", DELETE],
  [/[\u2028\u2029]/, "a line or paragraph separator", "write an ordinary line break"],
  [/\u00ad/, "a soft hyphen", DELETE],
  [/[“”„‟«»″＂‘’‚‛‹›′＇]/, "a typographic quote", 'write a straight one (") or none'],
  [/[\p{Zs}\u2800]/u, "an unusual space", "write an ordinary space or none"],
  [/\p{Cc}/u, "a control character", DELETE],
  [/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u, "an invisible character", DELETE],
  [/[\uff01-\uff5e]/, "a full-width character", "write the ordinary one"],
  [/./u, "a character that is not ASCII", "write the ASCII letter that it looks like"],
];

/** One of them, or a run of the same. */
const ODD =
  /((?![ \t\r\n])[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800“”„‟«»″‘’‚‛‹›′\uff01-\uff5e])\1*/gu;

/** What no key of the config file contains. */
export const NOT_ASCII = /([^\x20-\x7e])\1*/gu;

/**
 * Finds what can't be seen in a text, or looks like something else, a run of the same as one: its offset, what it is,
 * such as `a no-break space (U+00A0)`, and what to do about it.
 */
export function findOddCharacters(text: string, pattern = ODD) {
  return [...text.matchAll(pattern)].map(({ 0: run, 1: character = "", index: offset }) => {
    const [, name = "a character", remedy = DELETE] = KINDS.find(([kind]) => kind.test(character)) ?? [];
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    const times = run.length > character.length ? `, ${run.length / character.length} times` : "";
    return { offset, what: `${name} (U+${code})${times}`, remedy };
  });
}

/** Line and column, both from 1. */
export function describePosition(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** Says which odd character the text contains first from `start` to `end`, and where; undefined without any. */
export function explainOddCharacter(text: string, start = 0, end = text.length, pattern = ODD) {
  const [odd] = findOddCharacters(text.slice(start, end), pattern);
  return odd && `contains ${odd.what} at ${describePosition(text, start + odd.offset)}: ${odd.remedy}`;
}

/** A file's text without its byte order mark; what it is instead when it is not UTF-8. */
export function decodeText(bytes: Uint8Array): { text: string } | { mistake: string } {
  // Every second byte of UTF-16 is zero where the text is plain.
  const isUtf16 = bytes.length > 1 && (bytes[0] === 0) !== (bytes[1] === 0);
  if (isUtf16) return { mistake: "UTF-16 text: save the file as UTF-8" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { mistake: "not UTF-8 text: save the file as UTF-8" };
  }
}
