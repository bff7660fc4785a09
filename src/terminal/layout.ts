import stringWidth from "string-width";
import { cleanText } from "../core/text.ts";

/** One visible character: a letter with its marks, an emoji with what is joined to it. */
export interface Glyph {
  readonly text: string;
  /** Terminal columns: 0, 1 or 2. */
  readonly width: number;
}

const SEGMENTER = new Intl.Segmenter();
const ASCII = /^[\x20-\x7e]*$/;

/**
 * How many columns of a terminal a text takes. Most texts are ASCII, which string-width would look up letter by letter:
 * half of the time that `status` takes for 200 magnets.
 */
function columnsOf(text: string): number {
  return ASCII.test(text) ? text.length : stringWidth(text);
}

/** Splits a text at the places where it may be cut. */
export function glyphs(text: string): Glyph[] {
  return [...SEGMENTER.segment(text)].map(({ segment }) => ({ text: segment, width: columnsOf(segment) }));
}

/** Cuts a text to at most `width` terminal columns, the last one `…` where something was cut. */
export function fitText(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
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
 * `indent`. A longer word stays whole, so that a URL can be copied.
 */
export function wrapText(text: string, width = Number.POSITIVE_INFINITY, indent = ""): string[] {
  const [first = "", ...words] = text.trimStart().split(" ");
  const lines = [text.slice(0, text.length - text.trimStart().length) + first];
  let used = columnsOf(lines[0] ?? "");
  for (const word of words) {
    used += 1 + columnsOf(word);
    if (used <= width) {
      lines[lines.length - 1] += ` ${word}`;
    } else {
      lines.push(indent + word);
      used = indent.length + columnsOf(word);
    }
  }
  return lines;
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
  /** Colours a cell's text; `row` counts from 0, the titles are -1. */
  readonly paint?: (text: string, row: number, column: number) => string;
}

const GAP = "  ";
/** Skin tones: some terminals draw them in two columns of their own, others in none. */
const SKIN_TONES = /[\u{1f3fb}-\u{1f3ff}]/gu;
/** In UTF-16 units; no terminal shows more. */
const LONGEST_CELL = 500;
/** What a column that shrinks keeps, in terminal columns. */
const LEAST_WIDTH = 8;

/**
 * Lays out a table as lines: the titles, then a line for each row. Cells are cleaned, so that a stranger's name
 * can't break the layout.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  { width = Number.POSITIVE_INFINITY, paint = (text) => text }: TableOptions = {},
): string[] {
  const clean = (cell = "") => cleanText(cell, LONGEST_CELL).replace(SKIN_TONES, "");
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map((_, i) => clean(row[i]))),
  ];
  const widths = columns.map((_, i) =>
    cells.reduce((most, row) => Math.max(most, columnsOf(row[i] ?? "")), 0),
  );
  const gaps = GAP.length * (columns.length - 1);
  let excess = widths.reduce((sum, column) => sum + column, gaps) - width;
  // The widest column gives way first.
  for (; excess > 0; excess--) {
    const widest = Math.max(...widths.filter((_, i) => columns[i]?.shrinks));
    if (widest <= LEAST_WIDTH) break;
    widths[widths.findIndex((each, i) => columns[i]?.shrinks && each === widest)] = widest - 1;
  }
  return cells.map((row, index) => {
    const laidOut = columns.map(({ align }, i) => {
      const text = fitText(row[i] ?? "", widths[i] ?? 0);
      const fill = " ".repeat(Math.max(0, (widths[i] ?? 0) - columnsOf(text)));
      const painted = text === "" ? "" : paint(text, index - 1, i);
      return align === "right" ? fill + painted : painted + fill;
    });
    // White space at the end of a line would be copied along with it.
    return laidOut.join(GAP).trimEnd();
  });
}
