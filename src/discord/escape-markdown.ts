import { cleanText } from "../core/safe-text.ts";

/** What Discord reads as formatting, links, mentions, emoji or times. */
const SPECIAL = /[\\*_~`|>#\-[\]()<:@]/;

/**
 * Makes a stranger's text plain for Discord: cleaned, markdown escaped, at most `maxLength` UTF-16 units
 * with the backslashes, cut between characters and never between a backslash and what it escapes. Not for
 * places without markdown (footer, author) nor for a masked link's label, where escapes don't work.
 */
export function escapeMarkdown(text: string, maxLength: number): string {
  // The extra unit tells a text that was cut here from one that just fits.
  const clean = cleanText(text, maxLength + 1);
  const dot = /^\d+(?=\.)/.exec(clean)?.[0].length;
  const pieces: string[] = [];
  let index = 0;
  let length = 0;
  for (const character of clean) {
    // "1." at the start of a line is a numbered list.
    const piece = SPECIAL.test(character) || index === dot ? `\\${character}` : character;
    index += character.length;
    length += piece.length;
    pieces.push(piece);
  }
  if (length <= maxLength) return pieces.join("");
  while (pieces.length > 0 && length > maxLength - 1) length -= pieces.pop()?.length ?? 0;
  return `${pieces.join("").trimEnd()}…`;
}
