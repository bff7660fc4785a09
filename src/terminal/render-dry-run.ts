import type { Action, MagnetResult, SweepReport } from "../core/report.ts";
import { cleanText } from "../core/safe-text.ts";
import { actionColors } from "./action-colors.ts";
import { fitText } from "./fit-text.ts";
import type { Screen } from "./screen.ts";
import { wrapText } from "./wrap-text.ts";

/** The gravest first. */
const ORDER: readonly Action[] = ["deleted", "held", "failed", "forgotten", "restarted"];
const LONGEST_NAME = 500;

/** What a sweep would do and why: two lines a magnet, by account. */
export function renderDryRun(
  report: SweepReport,
  { colors, columns }: Pick<Screen, "colors" | "columns">,
): string[] {
  const paint = actionColors(colors);
  const magnet = (result: MagnetResult): string[] => {
    const what = `would be ${result.action}`;
    const name = cleanText(result.filename ?? "(name unknown)", LONGEST_NAME);
    const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - 2 - WHAT_WIDTH - 2;
    return [
      `  ${paint[result.action](what.padEnd(WHAT_WIDTH))}  ${fitText(name, Math.max(room, 8))}`,
      ...wrapText(`${cleanText(result.reason)} (${result.id})`, room).map((line) =>
        colors.dim(`${INDENT}${line}`),
      ),
    ];
  };
  const lines = report.accounts.flatMap(({ name, ok, error }) => {
    const mine = report.magnets.filter((result) => result.account === name);
    const sorted = ORDER.flatMap((action) => mine.filter((result) => result.action === action));
    const trouble = ok
      ? []
      : wrapText(`✗ ${cleanText(error ?? "")}`, columns).map((line) => colors.red(line));
    const nothing = mine.length === 0 && ok ? ["  nothing to do"] : [];
    return [colors.bold(cleanText(name)), ...trouble, ...nothing, ...sorted.flatMap(magnet), ""];
  });
  return [...lines, ...wrapText(total(report), columns)];
}

const WHAT_WIDTH = "would be restarted".length;
const INDENT = " ".repeat(2 + WHAT_WIDTH + 2);

function total({ magnets, exit_code }: SweepReport): string {
  const verbs = {
    deleted: "delete",
    held: "hold back",
    failed: "fail at",
    forgotten: "forget",
    restarted: "restart",
  };
  const parts = ORDER.flatMap((action) => {
    const count = magnets.filter((result) => result.action === action).length;
    return count === 0 ? [] : [`${verbs[action]} ${count}`];
  });
  const what = parts.length === 0 ? "A sweep would find nothing to do" : `A sweep would ${parts.join(", ")}`;
  const attention = exit_code === 0 ? "" : " Something needs attention: see above.";
  return `${what}. This was a dry run: nothing was changed.${attention}`;
}
