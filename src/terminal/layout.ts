import stringWidth from "string-width";
import { cleanText } from "../core/text.ts";
import type { Screen, Symbols } from "./screen.ts";

const SEGMENTER = new Intl.Segmenter();
const ASCII = /^[\x20-\x7e]*$/;

/** In UTF-16 units; no terminal shows more. */
const LONGEST_CELL = 500;

/** How many columns of a terminal a text takes. Most are ASCII, which string-width would look up letter by letter. */
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

/** As much of a text's start as takes at most `width` terminal columns. */
function startOf(text: string, width: number): string {
  let start = "";
  let left = width;
  for (const glyph of glyphs(text)) {
    left -= glyph.width;
    if (left < 0) break;
    start += glyph.text;
  }
  return start;
}

/** Cuts a text to at most `width` terminal columns, the last ones an ellipsis where something was cut. */
export function fitText(text: string, width: number, ellipsis = "…"): string {
  if (columnsOf(text) <= width) return text;
  if (width < ellipsis.length) return ellipsis.slice(0, Math.max(width, 0));
  return startOf(text, width - ellipsis.length).trimEnd() + ellipsis;
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

/** Breaks a text between words into lines that fit, those after the first behind `indent`. */
export function wrapText(text: string, { columns, symbols }: Page, indent = ""): string[] {
  return breakLines(symbols.spell(text), columns, indent);
}

/**
 * Breaks a command as a shell reads it: what is copied from the screen is the same command. One with quotes stays whole,
 * since nothing can be broken within them.
 */
export function wrapCommand(command: string, { columns }: Page, indent = ""): string[] {
  if (columns === undefined || command.includes("'")) return [command];
  // White space at the start of a line would end the word that goes on there.
  return breakLines(command, columns - 2, indent, { inWord: "", between: " \\", within: "\\" });
}

/**
 * Only a word that is longer than a line is broken itself, what is left of it behind `inWord`. A line that is broken
 * ends with `between` or `within`.
 */
function breakLines(
  text: string,
  columns = Number.POSITIVE_INFINITY,
  indent: string,
  { inWord = indent, between = "", within = "" } = {},
): string[] {
  // However narrow the terminal is, something stands behind the indent.
  const width = Math.max(columns, indent.length + 2);
  const lines: string[] = [];
  let line = " ".repeat(text.length - text.trimStart().length);
  let used = line.length;
  const startLine = (end: string, start: string) => {
    lines.push(line + end);
    line = start;
    used = start.length;
  };
  const add = (piece: string, taken: number) => {
    line += piece;
    used += taken;
  };
  for (const [i, word] of text.trimStart().split(" ").entries()) {
    const taken = columnsOf(word);
    if (i > 0 && used + 1 + taken > width) startLine(between, indent);
    else if (i > 0) add(" ", 1);
    // Nothing breaks an escape sequence: what is coloured is short.
    const isWhole = used + taken <= width || word.includes("\u001b");
    for (const piece of isWhole ? [{ text: word, width: taken }] : glyphs(word)) {
      if (!isWhole && used + piece.width > width) startLine(within, inWord);
      add(piece.text, piece.width);
    }
  }
  return [...lines, line];
}

/** Draws how much of a whole is used up, such as `███░░` for 3 of 5; neither empty nor full unless it is. */
export function bar(part: number, whole: number, cells: number, { full, empty }: Symbols): string {
  const filled = part < whole ? Math.min(Math.ceil((part * cells) / whole), cells - 1) : cells;
  return full.repeat(filled) + empty.repeat(cells - filled);
}

/** Draws counts ≥ 0 as a line of small columns, the highest count the highest; only 0 is the lowest. */
export function sparkline(counts: readonly number[], { steps }: Symbols): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => steps[Math.ceil((count / most) * (steps.length - 1))]).join("");
}

/** One column of a table. */
export interface Column<Row> {
  readonly title: string;
  readonly cell: (row: Row) => string | null;
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
/** What columns that shrink keep, in terminal columns. */
const LEAST_WIDTH = 3;
/** Where nothing else limits a table, a stranger's long name must not push what is beside it out of sight. */
const PIPED_COLUMNS = 120;

/** Lays out a table: the titles, then a line for each row. Cells are cleaned, so that no name can break the layout. */
export function renderTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  { columns: room = PIPED_COLUMNS, symbols }: Page,
  { indent = "", paintTitle = (text: string) => text } = {},
): string[] {
  const shown = columns
    .filter(({ from = 0 }) => room >= from)
    .map((column) => {
      const clean = (row: Row) => cleanText(column.cell(row) ?? "", LONGEST_CELL).replace(SKIN_TONES, "");
      const cells = [column.title, ...rows.map((row) => symbols.spell(clean(row)))];
      return { ...column, cells, width: cells.reduce((most, cell) => Math.max(most, columnsOf(cell)), 0) };
    });
  const gaps = GAP.length * (shown.length - 1);
  let excess = shown.reduce((sum, { width }) => sum + width, gaps + indent.length) - room;
  for (; excess > 0; excess--) {
    // The widest column gives way first.
    const [widest] = shown.filter(({ shrinks }) => shrinks).sort((a, b) => b.width - a.width);
    if (widest === undefined || widest.width <= LEAST_WIDTH) break;
    widest.width--;
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
