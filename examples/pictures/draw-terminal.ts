import type { Cell, Look } from "./read-screen.ts";
import { element, escapeXml, svgFile } from "./svg.ts";

/** Columns and lines in pixels. */
const CELL = 8.4;
const LINE = 20;
const FONT_SIZE = 14;
const PADDING = 18;
const BAR = 36;
/** From the top of a line to the foot of its letters. */
const BASELINE = 14.5;

const STYLE = [
  `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace;fill:#d5dae3}`,
  "rect{fill:#d5dae3}",
  ".dim{opacity:.6}.bold{font-weight:700;fill:#fff}",
  ".red{fill:#ff7b72}.green{fill:#7ee787}.yellow{fill:#e9bd4b}.cyan{fill:#79d7e6}",
].join("");

/** A terminal's window with what is in it. */
export interface Window {
  readonly title: string;
  readonly description: string;
  readonly columns: number;
  readonly lines: readonly (readonly Cell[])[];
}

/** A piece of a line that looks the same and stands without a gap. */
interface Run {
  readonly column: number;
  text: string;
  width: number;
  readonly look: Look;
}

/** Draws a terminal's window as SVG. Every piece of text is told its width, so that columns meet in any font. */
export function drawTerminal({ title, description, columns, lines }: Window): string {
  const width = columns * CELL + 2 * PADDING;
  const height = BAR + lines.length * LINE + 2 * PADDING - 6;
  const frame = { x: 0.5, y: 0.5, width: width - 1, height: height - 1, rx: 10 };
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map((fill, i) =>
    element("circle", { cx: 22 + i * 20, cy: BAR / 2 + 1, r: 6, fill }),
  );
  const drawn = lines.flatMap((cells, row) =>
    runsOf(cells).map((run) => drawRun(run, BAR + PADDING - 6 + row * LINE)),
  );
  return svgFile({
    width,
    height,
    description,
    style: STYLE,
    lines: [
      element("rect", { ...frame, style: "fill:#191d26;stroke:#3a4150" }),
      ...lights,
      element(
        "text",
        { x: width / 2, y: BAR / 2 + 6, "text-anchor": "middle", class: "dim" },
        escapeXml(title),
      ),
      ...drawn,
    ],
  });
}

/** What is drawn alone: blocks as shapes, and signs that fonts make of different widths. */
const ALONE = /[^\x20-\x7e]/;

function runsOf(cells: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  let column = 0;
  // A single space joins words; two or more are a gap that needs no drawing.
  let gap = 2;
  for (const { text, width, look } of cells) {
    const last = runs.at(-1);
    if (text === " ") gap += 1;
    else {
      if (last?.look === look && (gap < 2 ? joins(last.text, " ".repeat(gap) + text) : false)) {
        last.text += " ".repeat(gap) + text;
        last.width += gap + width;
      } else runs.push({ column, text, width, look });
      gap = 0;
    }
    column += width;
  }
  return runs;
}

/** Letters join letters, and a block the same block. */
function joins(before: string, text: string): boolean {
  if (blockOf(text) !== undefined) return text === before.at(-1);
  return /^[\x20-\x7e]+$/.test(before + text);
}

function drawRun({ column, text, width, look }: Run, top: number): string {
  const [x, pixels] = [PADDING + column * CELL, width * CELL];
  const names = [look.color, look.dim && "dim", look.bold && "bold"].filter(Boolean);
  const classes = names.length > 0 ? names.join(" ") : undefined;
  const block = blockOf(text);
  if (block !== undefined) {
    const [share, opacity] = block;
    const [full, y] = [LINE - 4, top + 1];
    const box = { x, y: y + full * (1 - share), width: pixels - 0.4, height: full * share };
    return element("rect", { ...box, "fill-opacity": opacity, class: classes });
  }
  if (ALONE.test(text)) {
    const middle = { x: x + pixels / 2, y: top + BASELINE, "text-anchor": "middle" };
    return element("text", { ...middle, class: classes }, escapeXml(text));
  }
  const place = { x, y: top + BASELINE, textLength: pixels };
  return element("text", { ...place, class: classes }, escapeXml(text));
}

const STEPS = "▁▂▃▄▅▆▇█";

/** The height of blocks, all the same, as a share of their line, and their opacity; nothing for other text. */
function blockOf(text: string): readonly [share: number, opacity: number | undefined] | undefined {
  if (text.startsWith("░")) return [1, 0.25];
  const step = STEPS.indexOf(text.slice(0, 1));
  return step < 0 ? undefined : [(step + 1) / STEPS.length, undefined];
}
