import type { HoldRule } from "../core/decide.ts";
import { RENEW_PREMIUM } from "../core/note-health.ts";
import type { StatusView } from "../core/status.ts";
import { cleanText, countOf, notificationsWait } from "../core/text.ts";
import { explainStillThere, explainWaitingInVain, type TrackedMagnet } from "../core/tracked-magnets.ts";
import { ExitCode } from "../errors.ts";
import { bar, type Column, fitName, isWide, renderTable, sparkline, wrapText } from "./layout.ts";
import { duration, relativeTime } from "./relative-time.ts";
import { FATES, stoppedBy } from "./render-run.ts";
import type { Reader, Screen } from "./screen.ts";

/** What tables call each rule that holds deletions back, and what it means; COMMAND stands for this program. */
const HOLD_WORDS: Readonly<Record<HoldRule, readonly [name: string, meaning: string]>> = {
  protect: ["protected", "listed in protect, never deleted"],
  min_failing_hours: ["too young", "has not been failing for min_failing_hours yet"],
  gap: ["seen again", "nothing was seen of it for more than a day, so it gets one more restart first"],
  second_chance: ["2nd chance", "no restart was accepted, or refused because of the magnet itself, yet"],
  max_deletes_per_run: [
    "over the cap",
    "more are due than max_deletes_per_run allows, so none is deleted; to delete them, run COMMAND run-once --max-deletes 0, to give them all another try, COMMAND reset ACCOUNT",
  ],
};

const INDENT = "  ";
const MINUTE = 60_000;

/** Lays out a status for somebody who looks once a month: the verdict, what needs attention, then the rest. */
export function renderStatus(view: StatusView, screen: Reader): string[] {
  const isShown = (lines: readonly string[]) => lines.length > 0;
  const above = [
    [...verdict(view, screen), ...lastSweep(view, screen), ...trend(view, screen)],
    alerts(view, screen),
  ].filter(isShown);
  const below = [heldBack(view, screen), lastDeletions(view, screen), arrs(view, screen)].filter(isShown);
  const others = [...above, ...below];
  // Each has an empty line beside it, and the prompt needs one more.
  const room = (screen.rows ?? Number.POSITIVE_INFINITY) - others.flat().length - others.length - 1;
  return [...above, magnetsByAccount(view, screen, room), ...below]
    .filter(isShown)
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

/** What there is for the owner to do or to know. */
function alerts(view: StatusView, { command, ...screen }: Reader): string[] {
  const { colors, symbols } = screen;
  const now = Date.parse(view.generated_at);
  const { last_sweep: last, pending_notifications: pending, timer } = view;
  const { dead_webhook: dead, blocked_webhook: blocked } = view;
  const lines: string[] = [];
  /** `urgent`: something does not work; else it soon will not, or mends itself. */
  const add = (text: string, urgent: boolean) => {
    const [mark, paint] = urgent ? [symbols.failed, colors.red] : [symbols.warning, colors.yellow];
    lines.push(...wrapText(`${mark} ${cleanText(text)}`, screen, INDENT).map((line) => paint(line)));
  };
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
  for (const { name, former, error, trouble, premium_until: until, premium_ending } of view.accounts) {
    // Its trouble is nobody's any more.
    if (former) continue;
    const what = trouble && `the account does not work (${trouble.code}). For more, run ${command} check`;
    const since = trouble ? ` (since ${relativeTime(trouble.since, now)})` : "";
    if (error ?? what) add(`${name}${since}: ${error ?? what}`, true);
    else if (premium_ending && until !== null) {
      add(`${name}: premium ends ${relativeTime(until, now)}: ${RENEW_PREMIUM}`, false);
    }
  }
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
  if (!last || lines.length > 0 || last.exit_code === ExitCode.ok) return lines;
  if (last.exit_code === ExitCode.attention && capHolds) return lines;
  const stopped = stoppedBy(last.exit_code, last.not_started);
  if (stopped) add(`The last sweep was ${stopped} before its end; the next one continues`, false);
  else add(`The last sweep ended with exit code ${last.exit_code}; its log says what needs attention`, true);
  return lines;
}

/** So many are shown however small the terminal is. */
const FEWEST_SHOWN = 5;

/** The tracked magnets by account, those nearest to deletion first; of too many for `room` lines only these. */
function magnetsByAccount(view: StatusView, screen: Reader, room: number): string[] {
  const { magnets, accounts } = view;
  const { colors, symbols, command } = screen;
  if (magnets.length === 0) return [];
  const unknown = magnets.some(({ account }) => account === null) ? [{ name: null, ok: null }] : [];
  const groups = [...accounts, ...unknown];
  // Each has a heading, and perhaps a line that says how many more there are.
  const all = magnets.length + groups.length + 1 <= room;
  const shown = all ? magnets : magnets.slice(0, Math.max(FEWEST_SHOWN, room - 2 * groups.length - 1));
  const look = { indent: INDENT, paintTitle: colors.dim };
  const [titles = "", ...lines] = renderTable(magnetColumns(view, screen), shown, screen, look);
  const grouped = groups.flatMap(({ name, ok }) => {
    const failing = magnets.filter(({ account }) => account === name).length;
    const mine = lines.filter((_, i) => shown[i]?.account === name);
    const none = ok === false ? "unknown" : "nothing failing";
    const count = `: ${failing > 0 ? `${failing} failing` : none}`;
    const heading = colors.bold(fitName(name ?? "Unknown account", screen, count.length));
    const more = `${INDENT}${symbols.ellipsis} ${failing - mine.length} more: ${command} status | less`;
    return [heading + colors.dim(count), ...mine, ...(failing > mine.length ? [colors.dim(more)] : [])];
  });
  return [titles, ...grouped];
}

const BAR_CELLS = 5;

function magnetColumns(view: StatusView, screen: Screen): Column<TrackedMagnet>[] {
  const { colors, columns, symbols } = screen;
  const now = Date.parse(view.generated_at);
  const hasBar = columns !== undefined && isWide(screen);
  const dim = () => colors.dim;
  const urgency = ({ next, fails, max_retries: max }: TrackedMagnet) => {
    if (next === "held") return colors.cyan;
    if (next === "delete") return colors.red;
    return max - fails <= 2 ? colors.yellow : colors.green;
  };
  return [
    {
      title: "FAILS",
      cell: ({ fails, max_retries: max }) => {
        const drawn = hasBar ? `${bar(fails, max, BAR_CELLS, symbols)} ` : "";
        return `${drawn}${fails > max ? `${fails} (max ${max})` : `${fails}/${max}`}`;
      },
      paint: urgency,
    },
    { title: "NAME", shrinks: true, cell: ({ filename }) => filename ?? "(name unknown)" },
    {
      title: "ALLDEBRID SAYS",
      shrinks: true,
      from: 110,
      cell: ({ status_text: text, status }) => text ?? status,
      paint: dim,
    },
    {
      title: "FOR",
      from: 70,
      cell: ({ failing_since: since }) => since && duration(Math.max(0, now - Date.parse(since))),
    },
    { title: "ID", cell: ({ id }) => id, paint: dim },
    {
      title: "NEXT",
      cell: ({ next, held_by: rule }) => {
        if (next !== "held") return next === "delete" ? "DELETE" : "restart";
        return isWide(screen) && rule !== null ? `held: ${HOLD_WORDS[rule][0]}` : "held";
      },
      paint: urgency,
    },
  ];
}

function heldBack({ held }: StatusView, screen: Reader): string[] {
  if (held.length === 0) return [];
  const lines = held.flatMap(({ rule, count }) => {
    const [name, meaning] = HOLD_WORDS[rule];
    const words = meaning.replaceAll("COMMAND", screen.command);
    return wrapText(`${INDENT}${name} (${count}): ${words}`, screen, INDENT + INDENT);
  });
  return [screen.colors.bold("Held back"), ...lines];
}

function lastDeletions({ last_deletions: deletions, generated_at }: StatusView, screen: Reader): string[] {
  if (deletions.length === 0) return [];
  const { colors, command } = screen;
  const now = Date.parse(generated_at);
  const [, ...table] = renderTable(
    [
      { title: "", cell: ({ deleted_at }) => relativeTime(deleted_at, now) },
      { title: "", cell: ({ filename }) => filename ?? "(name unknown)", shrinks: true },
      { title: "", cell: ({ account }) => account, shrinks: true, from: 60 },
      { title: "", cell: ({ id }) => id },
    ],
    deletions,
    screen,
    { indent: INDENT },
  );
  const hint = colors.dim(` (to add one again, run ${command} restore ID)`);
  return [...wrapText(`${colors.bold("Last deletions")}${hint}`, screen, INDENT), ...table];
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
