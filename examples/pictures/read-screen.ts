import { glyphs } from "../../src/terminal/layout.ts";

/** How a piece of text looks; the names are the program's own (chalk's). */
export interface Look {
  readonly bold: boolean;
  readonly dim: boolean;
  readonly color: "red" | "green" | "yellow" | "cyan" | undefined;
}

/** One visible character on the screen. */
export interface Cell {
  readonly text: string;
  /** Columns, 1 or 2. */
  readonly width: number;
  readonly look: Look;
}

const PLAIN: Look = { bold: false, dim: false, color: undefined };
const LOOKS: Readonly<Record<string, Partial<Look>>> = {
  "0": PLAIN,
  "1": { bold: true },
  "2": { dim: true },
  "22": { bold: false, dim: false },
  "31": { color: "red" },
  "32": { color: "green" },
  "33": { color: "yellow" },
  "36": { color: "cyan" },
  "39": { color: undefined },
};
const ERASE_LINE = "\r\u001b[2K";

/**
 * What a terminal of so many columns shows once all of `output` is written: its lines, long ones broken, and
 * without the status line that was taken away again. Throws for a sequence that the program does not use.
 */
export function readScreen(output: string, columns: number): Cell[][] {
  const written = output.replaceAll("\r\n", "\n").trimEnd().split("\n");
  let look = PLAIN;
  return written.flatMap((line) => {
    const cells: Cell[] = [];
    for (const piece of line
      .split(ERASE_LINE)
      .at(-1)
      ?.split(/(\u001b\[[\d;]*m)/) ?? []) {
      const codes = /^\u001b\[([\d;]*)m$/.exec(piece)?.[1];
      if (codes === undefined) cells.push(...cellsOf(piece, look));
      else for (const code of codes.split(";")) look = { ...look, ...lookOf(code) };
    }
    return broken(cells, columns);
  });
}

function lookOf(code: string): Partial<Look> {
  const change = LOOKS[code];
  if (change === undefined) throw new Error(`the program does not use colour ${code}`);
  return change;
}

function cellsOf(text: string, look: Look): Cell[] {
  if (/\p{Cc}/u.test(text)) throw new Error(`the program does not write ${JSON.stringify(text)}`);
  return glyphs(text).map((glyph) => ({ ...glyph, look }));
}

function broken(cells: readonly Cell[], columns: number): Cell[][] {
  const lines: Cell[][] = [[]];
  let used = 0;
  for (const cell of cells) {
    if (used + cell.width > columns) {
      lines.push([]);
      used = 0;
    }
    lines.at(-1)?.push(cell);
    used += cell.width;
  }
  return lines;
}
