import type { Action } from "../core/report.ts";

/** The looks that text on a terminal can have. Each function leaves its text as it is where no colour is wanted. */
export type Colors = Readonly<
  Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>
>;

const asItIs = (text: string): string => text;

/** None: for files, pipes, and whoever does not want any. */
export const NO_COLORS: Colors = {
  bold: asItIs,
  dim: asItIs,
  red: asItIs,
  green: asItIs,
  yellow: asItIs,
  cyan: asItIs,
};

/** Loads chalk where colour is wanted, which is decided elsewhere (`wantsColor`): it is not to look for itself. */
export async function loadColors(wanted: boolean): Promise<Colors> {
  if (!wanted) return NO_COLORS;
  const { Chalk } = await import("chalk");
  return new Chalk({ level: 1 });
}

/** How near each action is to losing something: what is gone is red, what is kept is not. */
export function actionColors({
  red,
  yellow,
  cyan,
  dim,
}: Colors): Readonly<Record<Action, Colors[keyof Colors]>> {
  return { deleted: red, held: cyan, failed: red, forgotten: dim, restarted: yellow };
}

/** Paints what was done to a magnet in a line of the sweep's log: `main: "Name" (123) restarted: …`. */
export function actionPainter(colors: Colors): (line: string) => string {
  if (colors === NO_COLORS) return (line) => line;
  const paint = actionColors(colors);
  // Greedy, so that the last place counts: a stranger's name comes before it.
  const pattern =
    /^(.*(?: \(\d+\)|: magnet \d+) (?:would be )?)(deleted|held|failed|forgotten|restarted)(?=: )/;
  return (line) =>
    line.replace(pattern, (_, before: string, action: Action) => `${before}${paint[action](action)}`);
}

/** What results are printed on. */
export interface Screen {
  readonly colors: Colors;
  /** Columns of the terminal; absent when it is none: then the layout depends on nothing but the content. */
  readonly columns: number | undefined;
  /** Lines of the terminal. */
  readonly rows: number | undefined;
}
