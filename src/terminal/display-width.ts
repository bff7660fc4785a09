import { eastAsianWidth } from "get-east-asian-width";

/** What colours a text: SGR sequences, which chalk writes. */
const COLORS = /\u001b\[[\d;]*m/g;
const ASCII = /^[\x20-\x7e]*$/;

/**
 * What takes no column of its own: marks, format characters (joiners), variation selectors, and the vowels
 * and final consonants of Hangul, which join the consonant before them.
 */
const ZERO_WIDTH = /^(?:[\p{M}\p{Cf}\p{Cc}\u1160-\u11ff\ud7b0-\ud7ff]|[\u{1f3fb}-\u{1f3ff}])$/u;
const FLAG_LETTER = /^[\u{1f1e6}-\u{1f1ff}]$/u;
/** Before it, all but controls takes one column: there is nothing to look up. */
const FIRST_WIDE = "\u007f";
const JOINER = "\u200d";

/** One visible character: a letter with its marks, an emoji with what is joined to it. */
export interface Glyph {
  readonly text: string;
  /** Terminal columns: 0, 1 or 2. */
  readonly width: number;
}

/**
 * How many columns of a terminal a text takes, as terminals count: full-width letters and emoji two, colours
 * none. The library string-width says the same of cleaned texts, at the price of 40 ms for its table of emoji.
 */
export function displayWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  return glyphs(text.replace(COLORS, "")).reduce((sum, glyph) => sum + glyph.width, 0);
}

/** Takes a text apart where it may be cut. */
export function glyphs(text: string): Glyph[] {
  const found: { text: string; width: number }[] = [];
  let joined = false;
  let halfFlag = false;
  for (const character of text) {
    if (character >= " " && character < FIRST_WIDE && !joined) {
      found.push({ text: character, width: 1 });
      halfFlag = false;
      continue;
    }
    const last = found.at(-1);
    const isFlagLetter = FLAG_LETTER.test(character);
    if (last && (joined || ZERO_WIDTH.test(character) || (isFlagLetter && halfFlag))) {
      last.text += character;
      if (isFlagLetter) last.width = 2;
      halfFlag = false;
    } else {
      found.push({ text: character, width: widthOf(character) });
      halfFlag = isFlagLetter;
    }
    joined = character === JOINER;
  }
  return found;
}

function widthOf(character: string): number {
  return ZERO_WIDTH.test(character) ? 0 : eastAsianWidth(character.codePointAt(0) ?? 0);
}
