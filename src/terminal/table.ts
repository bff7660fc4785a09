import { cleanText } from "../core/safe-text.ts";
import { displayWidth } from "./display-width.ts";
import { fitText } from "./fit-text.ts";

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
