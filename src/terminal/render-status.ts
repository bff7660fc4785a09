import { RENEW_PREMIUM } from "../core/note-health.ts";
import type { AccountStatus, StatusView } from "../core/status.ts";
import { cleanText, countOf, notificationsWait } from "../core/text.ts";
import { explainStillThere, explainWaitingInVain } from "../core/tracked-magnets.ts";
import { ExitCode } from "../errors.ts";
import { fitName, renderTable, sparkline, wrapText } from "./layout.ts";
import { duration, relativeTime } from "./relative-time.ts";
import { HOLD_WORDS, renderMagnets } from "./render-magnets.ts";
import { FATES, stoppedBy } from "./render-run.ts";
import type { Reader, Screen } from "./screen.ts";

const INDENT = "  ";
const MINUTE = 60_000;

/** Lays out a status for somebody who looks once a month: the verdict, what needs attention, then the rest. */
export function renderStatus(view: StatusView, screen: Reader): string[] {
  const above = [
    [...verdict(view, screen), ...lastSweep(view, screen), ...trend(view, screen)],
    renderAlerts(view, screen),
  ];
  const below = [heldBack(view, screen), lastDeletions(view, screen), arrs(view, screen)];
  const taken = [...above, ...below].filter((lines) => lines.length > 0).map((lines) => lines.length + 1);
  // One line more for the prompt.
  const room = (screen.rows ?? Number.POSITIVE_INFINITY) - taken.reduce((sum, lines) => sum + lines, 1);
  return [...above, renderMagnets(view, screen, room), ...below]
    .filter((lines) => lines.length > 0)
    .flatMap((lines, i) => (i === 0 ? lines : ["", ...lines]));
}

function verdict({ magnets, last_sweep: last }: StatusView, screen: Screen): string[] {
  const { colors } = screen;
  if (magnets.length === 0)
    return [last ? colors.green("No magnet is failing") : "No magnet is known to fail"];
  const due = magnets.filter(({ next }) => next === "delete").length;
  const held = magnets.filter(({ next }) => next === "held").length;
  const parts = [colors.bold(countOf(magnets.length, "magnet is failing", "magnets are failing"))];
  if (due > 0) parts.push(colors.red(`${due} due for deletion`));
  if (held > 0) parts.push(colors.cyan(`${held} held back`));
  return wrapText(parts.join(", "), screen, INDENT);
}

function lastSweep(view: StatusView, screen: Reader): string[] {
  const { last_sweep: last, next_sweep_expected: next, timer, overdue, configured } = view;
  const now = Date.parse(view.generated_at);
  const isSoon = next !== null && Date.parse(next) - now < MINUTE;
  const soon = isSoon ? "any moment now" : relativeTime(next ?? "", now).replace(/^in /, "in about ");
  if (!last) {
    if (!configured) return [];
    const isStarted = timer?.active && next !== null;
    const start = isStarted ? `the first is started ${soon}` : `start one with ${screen.command} run-once`;
    return wrapText(`No sweep yet: ${start}`, screen, INDENT);
  }
  const stopped = stoppedBy(last.exit_code, last.not_started);
  const did = FATES.flatMap(({ fate, words }) => ((last[fate] ?? 0) > 0 ? [`${last[fate]} ${words}`] : []));
  const what = did.join(", ") || (stopped ? "nothing was started" : "nothing to do");
  const ago = `${relativeTime(last.finished_at, now)}${stopped ? `, ${stopped}` : ""}`;
  // Of what something else starts, nobody knows more than that it is expected.
  const ahead = timer?.active ? `; the next ${soon}` : `; the next is expected ${soon}`;
  const isPromised = next !== null && !overdue && configured;
  return wrapText(`Last sweep ${ago}: ${what}${isPromised ? ahead : ""}`, screen, INDENT);
}

/** A picture needs a terminal; elsewhere the numbers do. */
function trend({ trend }: StatusView, screen: Screen): string[] {
  const { colors, columns, symbols } = screen;
  if (trend.length < 2) return [];
  const words = (shown: number[]) =>
    `${shown.at(-1)} now, ${Math.max(...shown)} at most in the last ${shown.length} sweeps`;
  const counts = trend.map(({ failing }) => failing);
  if (columns === undefined) return [`Failing: ${words(counts)}`];
  const room = columns - `Failing  ${words(counts)}`.length;
  const shown = counts.slice(-Math.max(room, 8));
  return wrapText(`Failing ${colors.yellow(sparkline(shown, symbols))} ${words(shown)}`, screen, INDENT);
}

/** Something for the owner to do or to know, in a sentence. */
interface Alert {
  readonly text: string;
  /** Something does not work; else it soon will not, or mends itself. */
  readonly urgent: boolean;
}

function renderAlerts(view: StatusView, screen: Reader): string[] {
  const { colors, symbols } = screen;
  return statusAlerts(view, screen.command).flatMap(({ text, urgent }) => {
    const mark = urgent ? symbols.failed : symbols.warning;
    const lines = wrapText(`${mark} ${cleanText(text)}`, screen, INDENT);
    return lines.map((line) => (urgent ? colors.red(line) : colors.yellow(line)));
  });
}

function statusAlerts(view: StatusView, command: string): Alert[] {
  const now = Date.parse(view.generated_at);
  const { last_sweep: last, pending_notifications: pending, timer } = view;
  const { dead_webhook: dead, blocked_webhook: blocked } = view;
  const alerts: Alert[] = [];
  const add = (text: string, urgent: boolean) => void alerts.push({ text, urgent });
  if (!view.configured) {
    const ways = "write one, name it with --config, or set MAGNETS_API_KEYS";
    add(`No configuration was found: ${ways}. For more, run ${command} check`, true);
  }
  if (timer && !timer.active) {
    add(`Nothing starts sweeps: magnets.timer is not active. ${timer.remedy}`, last !== null);
  } else if (last && view.overdue) {
    const every = duration(view.cycle_seconds * 1000);
    const due = `the last sweep was ${relativeTime(last.finished_at, now)}, and one should run every ${every}`;
    add(`Overdue: ${due}. To find out why, run ${command} check`, true);
  }
  for (const account of view.accounts) alerts.push(...accountAlerts(account, now, command));
  const stuck = [...explainStillThere(view.still_there), ...explainWaitingInVain(view.waiting_in_vain)];
  for (const { message, remedy } of stuck) add(`${message}: ${remedy}`, false);
  if (dead) {
    const remedy = "create a new webhook and put its URL into discord_webhook_url";
    add(`Discord: the webhook was deleted or its token is wrong (${dead.status}): ${remedy}`, true);
  }
  if (blocked) {
    const test = `to see whether it works, run ${command} test-webhook`;
    add(`Discord: ${blocked.message}: ${blocked.remedy}; ${test}`, true);
  }
  if (pending > 0) {
    add(`Discord: ${notificationsWait(pending)} to be sent; the next sweep tries again`, false);
  }
  // Only where nothing else explains the code.
  const capHolds = view.held.some(({ rule }) => rule === "max_deletes_per_run");
  if (!last || alerts.length > 0 || last.exit_code === ExitCode.ok) return alerts;
  if (last.exit_code === ExitCode.attention && capHolds) return alerts;
  const stopped = stoppedBy(last.exit_code, last.not_started);
  if (stopped) add(`The last sweep was ${stopped} before its end; the next one continues`, false);
  else add(`The last sweep ended with exit code ${last.exit_code}; its log says what needs attention`, true);
  return alerts;
}

function accountAlerts(account: AccountStatus, now: number, command: string): Alert[] {
  // Its trouble is nobody's any more.
  if (account.former) return [];
  const { name, error, trouble, premium_until: until, premium_ending: ending } = account;
  const since = trouble ? ` (since ${relativeTime(trouble.since, now)})` : "";
  if (error !== null) return [{ text: `${name}${since}: ${error}`, urgent: true }];
  if (trouble) {
    const text = `${name}${since}: the account does not work (${trouble.code}). For more, run ${command} check`;
    return [{ text, urgent: true }];
  }
  if (!ending || until === null) return [];
  return [{ text: `${name}: premium ends ${relativeTime(until, now)}: ${RENEW_PREMIUM}`, urgent: false }];
}

function heldBack({ held }: StatusView, screen: Reader): string[] {
  if (held.length === 0) return [];
  const lines = held.flatMap(({ rule, count }) => {
    const { name, meaning } = HOLD_WORDS[rule];
    const words = meaning.replaceAll("COMMAND", screen.command);
    return wrapText(`${INDENT}${name} (${count}): ${words}`, screen, INDENT + INDENT);
  });
  return [screen.colors.bold("Held back"), ...lines];
}

/** Terminals with fewer lines show fewer deletions. */
const TALL = 40;
const FEW = 3;

function lastDeletions(view: StatusView, screen: Reader): string[] {
  const { colors, rows, command } = screen;
  if (view.last_deletions.length === 0) return [];
  const now = Date.parse(view.generated_at);
  const shown = view.last_deletions.slice(0, rows !== undefined && rows < TALL ? FEW : undefined);
  const table = renderTable<StatusView["last_deletions"][number]>(
    [
      { title: "", cell: ({ deleted_at }) => relativeTime(deleted_at, now) },
      { title: "", cell: ({ filename }) => filename ?? "(name unknown)", shrinks: true },
      { title: "", cell: ({ account }) => account, shrinks: true, from: 60 },
      { title: "", cell: ({ id }) => id },
    ],
    shown,
    screen,
    { indent: INDENT },
  );
  const hint = colors.dim(` (to add one again, run ${command} restore ID)`);
  return [...wrapText(`${colors.bold("Last deletions")}${hint}`, screen, INDENT), ...table.slice(1)];
}

function arrs({ arrs, generated_at }: StatusView, screen: Screen): string[] {
  if (arrs.length === 0) return [];
  const { colors } = screen;
  const deeper = INDENT + INDENT;
  const cut = (text: string) => fitName(text, screen, deeper.length);
  const lines = arrs.flatMap(({ name, waiting, last_told: told }) => {
    const waits = waiting === 0 ? "nothing waits" : `${waiting} to be told`;
    const ago = told ? `last told ${relativeTime(told.at, Date.parse(generated_at))}:` : "nothing told yet";
    const head = wrapText(`${INDENT}${cut(name)}: ${waits}; ${ago}`, screen, deeper);
    const filename = told ? [deeper + cut(told.filename ?? "(name unknown)")] : [];
    return [...(waiting === 0 ? head : head.map((line) => colors.yellow(line))), ...filename];
  });
  return [colors.bold("Sonarr and Radarr"), ...lines];
}
