import type { Action } from "../core/report.ts";
import { type Colors, createColors } from "./colors.ts";

/** How near each action is to losing something: what is gone is red, what is kept is not. */
export function actionColors(wanted: boolean): Readonly<Record<Action, Colors[keyof Colors]>> {
  const { red, yellow, cyan, dim } = createColors(wanted);
  return { deleted: red, held: cyan, failed: red, forgotten: dim, restarted: yellow };
}

/** Paints what was done to a magnet in a line of the sweep's log: `main: "Name" (123) restarted: …`. */
export function actionPainter(wanted: boolean): (line: string) => string {
  if (!wanted) return (line) => line;
  const colors = actionColors(true);
  // Greedy, so that the last place counts: a stranger's name comes before it.
  const pattern =
    /^(.*(?: \(\d+\)|: magnet \d+) (?:would be )?)(deleted|held|failed|forgotten|restarted)(?=: )/;
  return (line) =>
    line.replace(pattern, (_, before: string, action: Action) => `${before}${colors[action](action)}`);
}
