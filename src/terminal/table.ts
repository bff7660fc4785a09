import stringWidth from "string-width";
import { cleanText } from "../core/safe-text.ts";
import { fitText, padText } from "./fit-text.ts";

/** One column of a table. */
export interface Column {
  readonly title: string;
  readonly align?: "left" | "right";
  /** Gives way, down to a few letters, when the table is wider than it may be. */
  readonly shrinks?: boolean;
}

const GAP = "  ";
/** In UTF-16 units; no terminal shows more, and measuring costs time. */
const LONGEST_CELL = 500;
/** What a column that shrinks keeps, in terminal columns. */
const LEAST_WIDTH = 8;

/**
 * Lays out a table as lines of text: the titles, then a line for each row. Cells are cleaned, so a
 * stranger's name can't break the layout.
 *
 * @param width Terminal columns the table should fit in, as far as its shrinking columns allow.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string[] {
  const titles = columns.map((column) => column.title);
  const cells = [titles, ...rows.map((row) => columns.map((_, i) => cleanText(row[i] ?? "", LONGEST_CELL)))];
  const natural = columns.map((_, i) =>
    cells.reduce((most, row) => Math.max(most, stringWidth(row[i] ?? "")), 0),
  );
  const widths = shrink(columns, natural, width - GAP.length * (columns.length - 1));
  return cells.map((row) =>
    columns
      .map((column, i) => padText(fitText(row[i] ?? "", widths[i] ?? 0), widths[i] ?? 0, column.align))
      .join(GAP)
      .trimEnd(),
  );
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
