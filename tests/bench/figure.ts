/** One line of the table. */
export interface Figure {
  readonly what: string;
  readonly measured: string;
  /** What it is measured against, from the same run. */
  readonly baseline: string;
  /** Measured by baseline; or what else the goal speaks of. */
  readonly ratio: string;
  readonly goal: string;
  /** Absent where there is no goal: something to compare with. */
  readonly met?: boolean;
}

/** A figure whose goal is a ratio of two numbers of the same unit. */
export function ratioFigure(figure: {
  readonly what: string;
  readonly measured: number;
  readonly baseline: number;
  readonly most?: number;
  readonly unit: (value: number) => string;
  /** How the baseline comes about, where its number does not say it. */
  readonly note?: string;
}): Figure {
  const { what, measured, baseline, most, unit, note } = figure;
  const ratio = measured / baseline;
  return {
    what,
    measured: unit(measured),
    baseline: note === undefined ? unit(baseline) : `${unit(baseline)} (${note})`,
    ratio: `${ratio.toFixed(2)} ×`,
    ...(most === undefined ? { goal: "–" } : { goal: `≤ ${most} ×`, met: ratio <= most }),
  };
}

const TITLES = ["what", "measured", "baseline", "ratio", "goal", "met"];

/** Lays figures out as a Markdown table whose source reads as a table, too. */
export function renderFigures(figures: readonly Figure[]): string[] {
  const rows = figures.map((figure) => [
    figure.what,
    figure.measured,
    figure.baseline,
    figure.ratio,
    figure.goal,
    figure.met === undefined ? "–" : figure.met ? "yes" : "NO",
  ]);
  const widths = TITLES.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(TITLES), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}

/** Such as `54.2 ms`. */
export const milliseconds = (value: number): string => `${value.toFixed(1)} ms`;
/** Such as `17.4 s`; takes milliseconds. */
export const seconds = (value: number): string => `${(value / 1000).toFixed(1)} s`;
/** Such as `41.3 MB`; takes bytes. */
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(1)} MB`;
/** Such as `168 kB`; takes bytes. */
export const kilobytes = (value: number): string => `${Math.round(value / 1000)} kB`;
