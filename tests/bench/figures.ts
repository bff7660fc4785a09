/** One row of the table. */
export interface Figure {
  readonly what: string;
  readonly now: string;
  /** The least that it could be; absent where nothing can be said. */
  readonly floor?: string;
  /** The same at the commit that the program is compared with. */
  readonly earlier?: string | undefined;
  /** What it should be, and whether it is. */
  readonly goals?: readonly Goal[];
}

export interface Goal {
  /** Such as `≤ 1.3 × floor`. */
  readonly text: string;
  /** Such as `1.42 ×`. */
  readonly reached: string;
  readonly met: boolean;
  /** Where the difference comes from, shown when the goal is not met. */
  readonly why?: string;
}

/** A goal for the ratio of two numbers of the same unit. */
export function ratioGoal(measured: number, baseline: number, most: number, of: string): Goal {
  const ratio = measured / baseline;
  return { text: `≤ ${most} × ${of}`, reached: `${ratio.toFixed(2)} ×`, met: ratio <= most };
}

/** A goal for a number by itself. */
export function mostGoal(measured: number, most: number, unit: (value: number) => string): Goal {
  return { text: `≤ ${unit(most)}`, reached: unit(measured), met: measured <= most };
}

const TITLES = ["what", "now", "floor", "before", "goal", "met"];

/** Lays figures out as a Markdown table whose source reads as a table, too. */
export function renderFigures(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ what, now, floor = "–", earlier = "–", goals = [] }) => [
    what,
    now,
    floor,
    earlier,
    goals.map(({ text }) => text).join("; ") || "–",
    goals.map(({ reached, met }) => `${met ? "yes" : "NO"} (${reached})`).join("; ") || "–",
  ]);
  const widths = TITLES.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(" | ")} |`;
  return [line(TITLES), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)];
}

/** A line for each goal that is not met. */
export function renderMissed(figures: readonly Figure[]): string[] {
  return figures.flatMap(({ what, goals = [] }) =>
    goals
      .filter(({ met }) => !met)
      .map(({ text, reached, why }) => `- ${what}: ${reached}, not ${text}${why ? ` (${why})` : ""}`),
  );
}

/** Such as `54 ms`. */
export const milliseconds = (value: number): string => `${value.toFixed(0)} ms`;
/** Such as `17.4 s`; takes milliseconds. */
export const seconds = (value: number): string => `${(value / 1000).toFixed(1)} s`;
/** Such as `41 MB`; takes bytes. */
export const megabytes = (value: number): string => `${(value / 1e6).toFixed(0)} MB`;
/** Such as `168 kB`; takes bytes. */
export const kilobytes = (value: number): string => `${Math.round(value / 1000)} kB`;
