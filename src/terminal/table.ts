import { cleanText } from "../core/safe-text.ts";
import { displayWidth } from "./display-width.ts";
import { fitText, padding } from "./fit-text.ts";

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
  const titles = columns.map((column) => column.title);
  const clean = (cell = "") => cleanText(cell, LONGEST_CELL).replace(SKIN_TONES, "");
  const cells = [titles, ...rows.map((row) => columns.map((_, i) => clean(row[i])))];
  const natural = columns.map((_, i) =>
    cells.reduce((most, row) => Math.max(most, displayWidth(row[i] ?? "")), 0),
  );
  const widths = shrink(columns, natural, width - GAP.length * (columns.length - 1));
  return cells.map((row, index) => {
    let line = "";
    let gap = "";
    for (const [i, column] of columns.entries()) {
      const cell = fitText(row[i] ?? "", widths[i] ?? 0);
      const fill = padding(cell, widths[i] ?? 0);
      if (column.align === "right") gap += fill;
      // White space at the end of a line would be copied along with it.
      if (cell !== "") line += gap + paint(cell, index - 1, i);
      gap = (cell === "" ? gap : "") + (column.align === "right" ? "" : fill) + GAP;
    }
    return line;
  });
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
