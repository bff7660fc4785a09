import type { Action, MagnetResult, SweepReport } from "../core/report.ts";
import { cleanText, countOf, notificationsWait } from "../core/text.ts";
import { actionColors, type Colors, type Screen } from "./colors.ts";
import { fitText, wrapText } from "./layout.ts";

const ACTIONS = ["restarted", "deleted", "held", "failed", "forgotten"] as const;

/** The result of a sweep as a person reads it: one line, and one for each account in trouble. */
export function renderReport(report: SweepReport, colors: Colors): string[] {
  const paint = actionColors(colors);
  const parts = ACTIONS.flatMap((action) => {
    const count = report.magnets.filter((magnet) => magnet.action === action).length;
    const text = `${count} ${action}`;
    if (count > 0) return [paint[action](text)];
    return action === "restarted" || action === "deleted" ? [text] : [];
  });
  if (report.pending_notifications > 0) parts.push(notificationsWait(report.pending_notifications));
  const trouble = report.accounts.filter((account) => !account.ok).map(({ name }) => name);
  if (trouble.length > 0) parts.push(`trouble with ${trouble.join(", ")}`);
  const seconds = (Date.parse(report.finished_at) - Date.parse(report.started_at)) / 1000;
  return [
    `Sweep of ${countOf(report.accounts.length, "account")} in ${seconds.toFixed(1)} s: ${parts.join(", ")}`,
  ];
}

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
