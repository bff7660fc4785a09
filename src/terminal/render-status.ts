import { countOf } from "../core/count-of.ts";
import { cleanText } from "../core/safe-text.ts";
import type { StatusView } from "../core/status-view.ts";
import type { Colors } from "./colors.ts";
import { HOLD_WORDS } from "./hold-words.ts";
import { relativeTime } from "./relative-time.ts";
import { renderMagnets } from "./render-magnets.ts";
import type { Screen } from "./screen.ts";
import { sparkline } from "./sparkline.ts";
import { statusAlerts } from "./status-alerts.ts";
import { renderTable } from "./table.ts";
import { wrapText } from "./wrap-text.ts";

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
