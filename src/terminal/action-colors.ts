import type { Action } from "../core/report.ts";
import { type Colors, NO_COLORS } from "./colors.ts";

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
