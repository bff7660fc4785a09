import type { StatusView, TrackedMagnet } from "../core/describe-status.ts";
import type { SweepSummary } from "../core/sweep-summary.ts";
import { duration, relativeTime } from "./relative-time.ts";
import { type Column, renderTable } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "NAME", shrinks: true },
  { title: "ID" },
  { title: "ACCOUNT", shrinks: true },
  { title: "STATUS" },
  { title: "FAILS", align: "right" },
  { title: "SINCE" },
  { title: "NEXT", shrinks: true },
];

/** Lays out what is tracked, the last sweep and what waits, as lines of text. */
export function renderStatus(
  view: StatusView,
  { now, columns }: { readonly now: Date; readonly columns: number | undefined },
): string[] {
  const rows = view.magnets.map((magnet) => row(magnet, now));
  const table = rows.length > 0 ? renderTable(COLUMNS, rows, { width: columns }) : ["No magnet is failing."];
  const waiting = view.pending_notifications;
  return [
    ...table,
    "",
    lastSweep(view.last_sweep, view.overdue, now),
    ...(waiting > 0
      ? [`${waiting} ${waiting === 1 ? "notification waits" : "notifications wait"} to be sent`]
      : []),
  ];
}

function row(magnet: TrackedMagnet, now: Date): string[] {
  const since = magnet.failing_since === null ? "" : relativeTime(magnet.failing_since, now.getTime());
  return [
    magnet.filename ?? "(name unknown)",
    magnet.id,
    magnet.account ?? "-",
    magnet.status,
    `${magnet.fails}/${magnet.max_retries}`,
    since,
    next(magnet),
  ];
}

function next({ next, held }: TrackedMagnet): string {
  if (next === "held") return `held: ${held}`;
  return next === "delete" ? "deleted at the next sighting" : "restarted";
}

function lastSweep(last: SweepSummary | null, overdue: boolean, now: Date): string {
  if (!last) return "No sweep yet: start one with magnets run-once";
  const ago = relativeTime(last.finished_at, now.getTime());
  const took = Date.parse(last.finished_at) - Date.parse(last.started_at);
  const length = took >= 60_000 ? duration(took) : `${Math.max(0, took / 1000).toFixed(1)} s`;
  const did = `${last.failing} failing, ${last.restarted} restarted, ${last.deleted} deleted, ${last.held} held`;
  const trouble = last.accounts
    .filter((account) => !account.ok)
    .map(({ name, error }) => `; ${name}: ${error}`);
  return `Last sweep ${ago}${overdue ? " (OVERDUE)" : ""}, in ${length}, exit ${last.exit_code}: ${did}${trouble.join("")}`;
}
