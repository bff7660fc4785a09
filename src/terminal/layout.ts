import stringWidth from "string-width";
import { cleanText } from "../core/text.ts";
import type { Screen, Symbols } from "./screen.ts";

const SEGMENTER = new Intl.Segmenter();
const ASCII = /^[\x20-\x7e]*$/;

/**
 * How many columns of a terminal a text takes. Most texts are ASCII, which string-width would look up letter by letter:
 * half of the time that `status` takes for 200 magnets.
 */
function columnsOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/**
 * Splits a text at the places where it may be cut: into letters with their marks, emoji with what is joined to them.
 * Each is 0, 1 or 2 terminal columns wide.
 */
export function glyphs(text: string) {
  return [...SEGMENTER.segment(text)].map(({ segment }) => ({ text: segment, width: columnsOf(segment) }));
}

/** Cuts a text to at most `width` terminal columns, the last ones an ellipsis where something was cut. */
export function fitText(text: string, width: number, ellipsis = "…"): string {
  if (columnsOf(text) <= width) return text;
  const room = width - ellipsis.length;
  if (room < 0) return ellipsis.slice(0, Math.max(width, 0));
  let kept = "";
  let used = 0;
  for (const glyph of glyphs(text)) {
    if (used + glyph.width > room) break;
    kept += glyph.text;
    used += glyph.width;
  }
  return `${kept.trimEnd()}${ellipsis}`;
}

/** Where lines are laid out: absent columns are without end. */
export type Page = Pick<Screen, "columns" | "symbols">;

/** Whether what belongs together stands side by side; on narrower terminals it stands below each other. */
export function isWide({ columns = Number.POSITIVE_INFINITY }: Page): boolean {
  return columns >= 60;
}

/** Cleans a stranger's text, and cuts it to what is left of a line of which `taken` columns are used. */
export function fitName(name: string, { columns = Number.POSITIVE_INFINITY, symbols }: Page, taken: number) {
  return fitText(symbols.spell(cleanText(name, LONGEST_CELL)), columns - taken, symbols.ellipsis);
}

/**
 * Breaks a text between words into lines that fit, those after the first behind `indent`. Only a word that is longer
 * than a line is broken itself.
 */
export function wrapText(text: string, { columns, symbols }: Page, indent = ""): string[] {
  return breakLines(symbols.spell(text), columns, indent, indent).map((line) => line.text);
}

/**
 * Breaks a command as a shell reads it: what is copied from the screen is the same command. One with quotes stays whole,
 * since nothing can be broken within them.
 */
export function wrapCommand(command: string, { columns }: Page, indent = ""): string[] {
  if (command.includes("'")) return [command];
  const room = columns === undefined ? undefined : columns - " \\".length;
  // White space at the start of a line would end the word that goes on there.
  const lines = breakLines(command, room, indent, "");
  const ends = lines.map(({ goesOn }, i) => (i === lines.length - 1 ? "" : goesOn ? "\\" : " \\"));
  return lines.map(({ text }, i) => text + ends[i]);
}

/** `inWord` stands before what is left of a word that was broken; a line that `goesOn` ends within one. */
function breakLines(text: string, width = Number.POSITIVE_INFINITY, indent: string, inWord: string) {
  const words = text.trimStart().split(" ");
  let line = { text: text.slice(0, text.length - text.trimStart().length), goesOn: false };
  let used = line.text.length;
  let isEmpty = true;
  const lines = [line];
  const add = (piece: string, columns: number) => {
    line.text += piece;
    used += columns;
    isEmpty = false;
  };
  const breakLine = (start: string) => {
    line = { text: start, goesOn: false };
    lines.push(line);
    used = start.length;
    isEmpty = true;
  };
  for (const word of words) {
    const length = columnsOf(word);
    if (!isEmpty && used + 1 + length > width) breakLine(indent);
    else if (!isEmpty) add(" ", 1);
    // Nothing breaks an escape sequence: what is coloured is short.
    if (used + length <= width || word.includes("\u001b")) {
      add(word, length);
      continue;
    }
    for (const glyph of glyphs(word)) {
      if (!isEmpty && used + glyph.width > width) {
        line.goesOn = true;
        breakLine(inWord);
      }
      add(glyph.text, glyph.width);
    }
  }
  return lines;
}

/** Draws how much of a whole is used up, such as `███░░` for 3 of 5; neither empty nor full unless it is. */
export function bar(part: number, whole: number, cells: number, { full, empty }: Symbols): string {
  const share = whole > 0 ? part / whole : 1;
  const rounded = Math.round(share * cells);
  const filled = share <= 0 ? 0 : share >= 1 ? cells : Math.min(Math.max(rounded, 1), cells - 1);
  return full.repeat(filled) + empty.repeat(cells - filled);
}

/** Draws counts ≥ 0 as a line of small columns, the highest count the highest; only 0 is the lowest. */
export function sparkline(counts: readonly number[], { steps }: Symbols): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => steps[Math.ceil((count / most) * (steps.length - 1))] ?? steps[0]).join("");
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string;
  /** Colours the cell's text. */
  readonly paint?: (row: Row) => (text: string) => string;
  readonly align?: "right";
  /** Gives way when the table is wider than it may be. */
  readonly shrinks?: boolean;
  /** Narrower terminals do without it. */
  readonly from?: number;
}

const GAP = "  ";
/** Skin tones: some terminals draw them in two columns of their own, others in none. Within a joined emoji they stay. */
const SKIN_TONES = /(?<!\u200d\p{Extended_Pictographic})[\u{1f3fb}-\u{1f3ff}](?!\u200d)/gu;
/** In UTF-16 units; no terminal shows more. */
const LONGEST_CELL = 500;
/** What columns that shrink keep, in terminal columns; the second where that is not narrow enough. */
const LEAST_WIDTHS = [8, 3];
/** Where nothing else limits a table, a stranger's long name must not push what is beside it out of sight. */
const PIPED_COLUMNS = 120;

/**
 * Lays out a table as lines, each behind `indent`: the titles, then a line for each row. Cells are cleaned, so that a
 * stranger's name can't break the layout.
 */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { columns: room = PIPED_COLUMNS, symbols }: Page,
  { indent = "", paintTitle = (text: string) => text } = {},
): string[] {
  const shown = columns
    .filter(({ from = 0 }) => room >= from)
    .map((column) => {
      const clean = (row: Row) => cleanText(column.cell(row), LONGEST_CELL).replace(SKIN_TONES, "");
      const cells = [column.title, ...rows.map((row) => symbols.spell(clean(row)))];
      return { ...column, cells, width: cells.reduce((most, cell) => Math.max(most, columnsOf(cell)), 0) };
    });
  const gaps = GAP.length * (shown.length - 1);
  let excess = shown.reduce((sum, { width }) => sum + width, gaps + indent.length) - room;
  for (const least of LEAST_WIDTHS) {
    for (; excess > 0; excess--) {
      // The widest column gives way first.
      const [widest] = shown.filter(({ shrinks }) => shrinks).sort((a, b) => b.width - a.width);
      if (widest === undefined || widest.width <= least) break;
      widest.width--;
    }
  }
  return [undefined, ...rows].map((row, i) => {
    const laidOut = shown.map(({ cells, width, align, paint }) => {
      const text = fitText(cells[i] ?? "", width, symbols.ellipsis);
      const fill = " ".repeat(Math.max(0, width - columnsOf(text)));
      const look = row === undefined ? paintTitle : paint?.(row);
      const painted = text === "" || look === undefined ? text : look(text);
      return align === "right" ? fill + painted : painted + fill;
    });
    // White space at the end of a line would be copied along with it.
    return (indent + laidOut.join(GAP)).trimEnd();
  });
}
