import { RENEW_PREMIUM } from "../core/note-health.ts";
import type { AccountStatus, StatusView } from "../core/status.ts";
import { cleanText, countOf, notificationsWait } from "../core/text.ts";
import { ExitCode } from "../errors.ts";
import type { Colors, Screen } from "./colors.ts";
import { renderTable, sparkline, wrapText } from "./layout.ts";
import { duration, relativeTime } from "./relative-time.ts";
import { HOLD_WORDS, renderMagnets } from "./render-magnets.ts";

/** Something for the owner to do, in a sentence. */
export interface Alert {
  readonly text: string;
  /** Something does not work; else it soon will not, or mends itself. */
  readonly urgent: boolean;
}

/** What needs the owner's hand, each with what to do. */
export function statusAlerts(view: StatusView): Alert[] {
  const now = Date.parse(view.generated_at);
  const { last_sweep: last, dead_webhook: dead, pending_notifications: pending } = view;
  const alerts: Alert[] = [];
  if (last && view.overdue) {
    const every = duration(view.cycle_seconds * 1000);
    const ago = relativeTime(last.finished_at, now);
    const due = `the last sweep was ${ago}, one should run every ${every}`;
    alerts.push({ text: `Overdue: ${due}. Find out why: magnets check`, urgent: true });
  }
  for (const account of view.accounts) alerts.push(...accountAlerts(account, now));
  if (dead) {
    const remedy = "make a new webhook and put its address into discord_webhook_url";
    const text = `Discord: the webhook is gone or its token is wrong (${dead.status}): ${remedy}`;
    alerts.push({ text, urgent: true });
  }
  if (pending > 0) {
    const text = `Discord: ${notificationsWait(pending)} to be sent; the next sweep tries again`;
    alerts.push({ text, urgent: false });
  }
  if (last && alerts.length === 0 && last.exit_code !== ExitCode.ok)
    alerts.push(...exitAlert(last.exit_code, view));
  return alerts;
}

function accountAlerts(account: AccountStatus, now: number): Alert[] {
  const { name, error, trouble, premium_until: until, premium_ending: ending } = account;
  const since = trouble ? ` (since ${relativeTime(trouble.since, now)})` : "";
  if (error !== null) return [{ text: `${name}${since}: ${error}`, urgent: true }];
  if (trouble) {
    const text = `${name}${since}: the account does not work (${trouble.code}). More: magnets check`;
    return [{ text, urgent: true }];
  }
  if (!ending || until === null) return [];
  const text = `${name}: premium ends ${relativeTime(until, now)}: ${RENEW_PREMIUM}`;
  return [{ text, urgent: false }];
}

/** Only where nothing else explains the code. */
function exitAlert(exitCode: number, { held }: StatusView): Alert[] {
  if (exitCode === ExitCode.attention && held.some(({ rule }) => rule === "max_deletes_per_run")) return [];
  const stopped = exitCode === ExitCode.interrupted || exitCode === ExitCode.terminated;
  if (stopped)
    return [{ text: "The last sweep was stopped before its end; the next one goes on", urgent: false }];
  const text = `The last sweep ended with exit code ${exitCode}: its log says what needed attention`;
  return [{ text, urgent: true }];
}

const INDENT = "  ";

/** Lays out a status for somebody who looks once a month: the verdict, what needs a hand, then the rest. */
export function renderStatus(view: StatusView, screen: Screen): string[] {
  const { colors } = screen;
  const alerts = statusAlerts(view).flatMap(({ text, urgent }) =>
    wrapText(`${urgent ? "✗" : "!"} ${cleanText(text)}`, screen.columns, INDENT).map((line) =>
      urgent ? colors.red(line) : colors.yellow(line),
    ),
  );
  const before = [
    [...verdict(view, screen, colors), ...lastSweep(view, screen), ...trend(view, screen, colors)],
    alerts,
  ];
  const after = [heldBack(view, screen, colors), lastDeletions(view, screen, colors)];
  const others = [...before, ...after].reduce(
    (sum, lines) => sum + lines.length + Math.min(lines.length, 1),
    0,
  );
  // One line more for the prompt.
  const room = screen.rows === undefined ? Number.POSITIVE_INFINITY : screen.rows - others - 1;
  return [...before, renderMagnets(view, screen, room), ...after]
    .filter((lines) => lines.length > 0)
    .flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

function verdict({ magnets, last_sweep: last }: StatusView, { columns }: Screen, colors: Colors): string[] {
  if (magnets.length === 0)
    return [last ? colors.green("No magnet is failing") : "No magnet is known to fail"];
  const due = magnets.filter(({ next }) => next === "delete").length;
  const held = magnets.filter(({ next }) => next === "held").length;
  const parts = [colors.bold(countOf(magnets.length, "magnet is failing", "magnets are failing"))];
  if (due > 0) parts.push(colors.red(`${due} due for deletion`));
  if (held > 0) parts.push(colors.cyan(`${held} held back`));
  return wrapText(parts.join(", "), columns, INDENT);
}

function lastSweep(
  { last_sweep: last, next_sweep_expected: next, overdue, generated_at }: StatusView,
  { columns }: Screen,
) {
  if (!last) return ["No sweep yet: start one with magnets run-once"];
  const now = Date.parse(generated_at);
  const did = Object.entries({
    restarted: last.restarted,
    deleted: last.deleted,
    held: last.held,
    failed: last.failed,
    forgotten: last.forgotten,
  }).flatMap(([action, count]) => (count > 0 ? [`${count} ${action}`] : []));
  const soon = next !== null && Date.parse(next) - now >= 60_000 ? relativeTime(next, now) : "any moment now";
  const ahead = overdue ? "" : `; the next ${soon.replace(/^in /, "in about ")}`;
  const ago = relativeTime(last.finished_at, now);
  return wrapText(`Last sweep ${ago}: ${did.join(", ") || "nothing to do"}${ahead}`, columns, INDENT);
}

/** A picture needs a terminal; elsewhere the numbers do. */
function trend({ trend }: StatusView, { columns }: Screen, colors: Colors): string[] {
  if (trend.length < 2) return [];
  const words = (shown: number[]) =>
    `${shown.at(-1)} now, ${Math.max(...shown)} at most in the last ${shown.length} sweeps`;
  const counts = trend.map(({ failing }) => failing);
  if (columns === undefined) return [`Failing: ${words(counts)}`];
  const room = columns - `Failing  ${words(counts)}`.length;
  const shown = counts.slice(-Math.max(room, 8));
  return wrapText(`Failing ${colors.yellow(sparkline(shown))} ${words(shown)}`, columns, INDENT);
}

function heldBack({ held }: StatusView, { columns }: Screen, colors: Colors): string[] {
  if (held.length === 0) return [];
  return [
    colors.bold("Held back"),
    ...held.flatMap(({ rule, count }) => {
      const { name, meaning } = HOLD_WORDS[rule];
      return wrapText(`${INDENT}${name} (${count}): ${meaning}`, columns, INDENT + INDENT);
    }),
  ];
}

/** Terminals with fewer lines are spared some deletions. */
const TALL = 40;
const FEW = 3;

function lastDeletions(view: StatusView, screen: Screen, colors: Colors): string[] {
  const { last_deletions: deletions, generated_at } = view;
  if (deletions.length === 0) return [];
  const { columns } = screen;
  const now = Date.parse(generated_at);
  const rows = deletions
    .slice(0, screen.rows !== undefined && screen.rows < TALL ? FEW : undefined)
    .map(({ deleted_at, filename, account, id }) => [
      `  ${relativeTime(deleted_at, now)}`,
      filename ?? "(name unknown)",
      account,
      id,
    ]);
  const shape = [{ title: "" }, { title: "", shrinks: true }, { title: "", shrinks: true }, { title: "" }];
  const indented = renderTable(shape, rows, { width: columns === undefined ? undefined : columns - 2 }).slice(
    1,
  );
  const hint = colors.dim(" (magnets restore <id> adds one again)");
  return [
    ...wrapText(`${colors.bold("Last deletions")}${hint}`, columns),
    ...indented.map((line) => `  ${line}`),
  ];
}
