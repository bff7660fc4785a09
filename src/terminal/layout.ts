import { eastAsianWidth } from "get-east-asian-width";
import { cleanText } from "../core/text.ts";

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

/** Cuts a text to at most `width` terminal columns, the last one `…` where something was cut. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let used = 0;
  for (const glyph of glyphs(text)) {
    if (used + glyph.width > width - 1) break;
    kept += glyph.text;
    used += glyph.width;
  }
  return `${kept.trimEnd()}…`;
}

/**
 * Breaks a text between words into lines of at most `width` terminal columns, those after the first behind
 * `indent`. A word that is longer stays whole, so that an address can be copied.
 */
export function wrapText(text: string, width = Number.POSITIVE_INFINITY, indent = ""): string[] {
  const lines: string[] = [];
  const [first = "", ...words] = text.trimStart().split(" ");
  let line = text.slice(0, text.length - text.trimStart().length) + first;
  for (const word of words) {
    const longer = `${line} ${word}`;
    if (displayWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/** Draws how much of a whole is used up, such as `███░░` for 3 of 5; neither empty nor full unless it is. */
export function bar(part: number, whole: number, cells: number): string {
  const share = whole > 0 ? part / whole : 1;
  const rounded = Math.round(share * cells);
  const filled = share <= 0 ? 0 : share >= 1 ? cells : Math.min(Math.max(rounded, 1), cells - 1);
  return "█".repeat(filled) + "░".repeat(cells - filled);
}

const STEPS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** Draws counts ≥ 0 as a line of small columns, the highest count the highest; only 0 is the lowest. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => STEPS[Math.ceil((count / most) * (STEPS.length - 1))] ?? STEPS[0]).join("");
}

/** One column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Gives way, down to a few letters, when the table is wider than it may be. */
  readonly shrinks?: boolean;
}

/** How a table is laid out. */
export interface TableOptions {
  /** Terminal columns the table should fit in, as far as its shrinking columns allow. */
  readonly width?: number | undefined;
  /** Colours a cell that is laid out already; `row` counts from 0, the titles are -1. */
  readonly paint?: (cell: string, row: number, column: number) => string;
}

const GAP = "  ";
/** Skin tones: some terminals draw them in two columns of their own, others in none. */
const SKIN_TONES = /[\u{1f3fb}-\u{1f3ff}]/gu;
/** In UTF-16 units; no terminal shows more, and measuring costs time. */
const LONGEST_CELL = 500;
/** What a column that shrinks keeps, in terminal columns. */
const LEAST_WIDTH = 8;

/**
 * Lays out a table as lines of text: the titles, then a line for each row. Cells are cleaned, so a
 * stranger's name can't break the layout.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, paint = (cell) => cell }: TableOptions = {},
): string[] {
  const titles = columns.map(({ title }) => measure(title));
  const cells = [titles, ...rows.map((row) => columns.map((_, i) => measure(clean(row[i]))))];
  const natural = columns.map((_, i) => cells.reduce((most, row) => Math.max(most, row[i]?.width ?? 0), 0));
  const widths = shrink(columns, natural, width - GAP.length * (columns.length - 1));
  return cells.map((row, index) => {
    let line = "";
    let gap = "";
    columns.forEach(({ align }, i) => {
      const room = widths[i] ?? 0;
      const { text, width: used } = fitCell(row[i], room);
      const fill = " ".repeat(Math.max(0, room - used));
      if (align === "right") gap += fill;
      // White space at the end of a line would be copied along with it.
      if (text !== "") line += gap + paint(text, index - 1, i);
      gap = (text === "" ? gap : "") + (align === "right" ? "" : fill) + GAP;
    });
    return line;
  });
}

/** A cell, and the terminal columns it takes: measured once, since that costs more than all the rest. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

function measure(text: string): Cell {
  return { text, width: displayWidth(text) };
}

function fitCell(cell: Cell | undefined, room: number): Cell {
  if (cell === undefined || cell.width <= room) return cell ?? { text: "", width: 0 };
  return measure(fitText(cell.text, room));
}

function clean(cell = ""): string {
  return cleanText(cell, LONGEST_CELL).replace(SKIN_TONES, "");
}

/** Takes columns away from the widest of those that shrink, until all fit or none can give more. */
function shrink(columns: readonly Column[], natural: readonly number[], available: number): number[] {
  const widths = [...natural];
  let excess = widths.reduce((sum, width) => sum + width, 0) - available;
  while (excess > 0) {
    const widest = Math.max(...widths.filter((_, i) => columns[i]?.shrinks));
    if (widest <= LEAST_WIDTH) break;
    widths[widths.findIndex((width, i) => columns[i]?.shrinks && width === widest)] = widest - 1;
    excess--;
  }
  return widths;
}
