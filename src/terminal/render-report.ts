import type { SweepReport } from "../core/report.ts";

/** The result of a sweep as a person reads it: one line, and one for each account in trouble. */
export function renderReport(report: SweepReport): string[] {
  const count = (action: string) => report.magnets.filter((magnet) => magnet.action === action).length;
  const parts = [`${count("restarted")} restarted`, `${count("deleted")} deleted`];
  for (const action of ["held", "failed", "forgotten"])
    if (count(action) > 0) parts.push(`${count(action)} ${action}`);
  if (report.pending_notifications > 0) parts.push(`${report.pending_notifications} notifications wait`);
  const trouble = report.accounts.filter((account) => !account.ok).map(({ name }) => name);
  if (trouble.length > 0) parts.push(`trouble with ${trouble.join(", ")}`);
  const seconds = (Date.parse(report.finished_at) - Date.parse(report.started_at)) / 1000;
  return [`Sweep of ${accounts(report.accounts.length)} in ${seconds.toFixed(1)} s: ${parts.join(", ")}`];
}

function accounts(count: number): string {
  return count === 1 ? "1 account" : `${count} accounts`;
}
