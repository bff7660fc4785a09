import { countOf, notificationsWait } from "../core/count-of.ts";
import type { SweepReport } from "../core/report.ts";
import { actionColors } from "./action-colors.ts";
import type { Colors } from "./colors.ts";

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
