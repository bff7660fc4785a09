import { Chalk } from "chalk";
import type { Action } from "../core/report.ts";
import type { Symbols } from "./symbols.ts";

/** Looks of text on a terminal. Each function returns its text unchanged where colour is not wanted. */
export type Colors = Readonly<
  Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>
>;

/** `wantsColor` decides whether colour is wanted, chalk does not look for itself. */
export function createColors(wanted: boolean): Colors {
  return new Chalk({ level: wanted ? 1 : 0 });
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
  readonly symbols: Symbols;
  /** Columns of the terminal; absent when it is none: then the layout depends on nothing but the content. */
  readonly columns: number | undefined;
  /** Lines of the terminal. */
  readonly rows: number | undefined;
  /** How the reader calls this program; default: `magnets`. */
  readonly command?: string;
}
