import type { ArrResult } from "../core/records.ts";
import { type Action, countResults, type MagnetResult, type SweepReport } from "../core/report.ts";
import { cleanText, countOf, notificationsWait } from "../core/text.ts";
import { actionColors, type Screen } from "./colors.ts";
import { fitText, wrapText } from "./layout.ts";

/** What each fate is called in the summary, and whether it is named when it is nobody's. */
const FATES = [
  { fate: "restarted", words: "restarted", always: true, color: "restarted" },
  { fate: "deleted", words: "deleted", always: true, color: "deleted" },
  { fate: "held", words: "held back", always: false, color: "held" },
  { fate: "waiting", words: "waiting for a free slot", always: false, color: "held" },
  { fate: "failed", words: "failed", always: false, color: "failed" },
  { fate: "forgotten", words: "forgotten", always: false, color: "forgotten" },
  { fate: "not_started", words: "not started", always: false, color: "held" },
] as const;

/** The result of a sweep as a person reads it: one line. */
export function renderReport(report: SweepReport, { colors }: Pick<Screen, "colors">): string[] {
  const paint = actionColors(colors);
  const counts = countResults(report.magnets);
  const parts = FATES.flatMap(({ fate, words, always, color }) => {
    const text = `${counts[fate]} ${words}`;
    if (counts[fate] > 0) return [paint[color](text)];
    return always ? [text] : [];
  });
  if (report.pending_notifications > 0) parts.push(notificationsWait(report.pending_notifications));
  const trouble = report.accounts.filter((account) => !account.ok).map(({ name }) => name);
  if (trouble.length > 0) parts.push(`trouble with ${trouble.join(", ")}`);
  const seconds = (Date.parse(report.finished_at) - Date.parse(report.started_at)) / 1000;
  const stopped = STOPPED[report.exit_code];
  const what = stopped
    ? `Sweep stopped by ${stopped} after`
    : `Sweep of ${countOf(report.accounts.length, "account")} in`;
  return [`${what} ${seconds.toFixed(1)} s: ${parts.join(", ")}`];
}

/** Who stopped a sweep, by its exit code. */
const STOPPED: Readonly<Record<number, string>> = { 130: "SIGINT (Ctrl-C)", 143: "SIGTERM" };

/** What each is called in the sum of a dry run; the gravest first. */
const VERBS: Readonly<Record<Action, string>> = {
  deleted: "delete",
  held: "hold back",
  failed: "fail at",
  forgotten: "forget",
  restarted: "restart",
};
const ORDER = Object.keys(VERBS) as Action[];
const LONGEST_NAME = 500;
const WHAT_WIDTH = "would be restarted".length;
const INDENT = " ".repeat(2 + WHAT_WIDTH + 2);

/** What would come of telling a server; one that would not be told is missing. */
const AFTER_FAILURE: Readonly<Partial<Record<ArrResult["outcome"], string>>> = {
  searches: ", and would search again",
  off: "; automatic search is off there",
  keeps: "; it would keep its file until something better comes",
  marked: "",
};

/** What a sweep would do and why: two lines a magnet, by account. */
export function renderDryRun(
  report: SweepReport,
  { colors, columns }: Pick<Screen, "colors" | "columns">,
): string[] {
  const paint = actionColors(colors);
  const room = columns === undefined ? Number.POSITIVE_INFINITY : columns - INDENT.length;
  const magnet = ({ action, filename, reason, id, arrs }: MagnetResult): string[] => {
    const what = paint[action](`would be ${action}`.padEnd(WHAT_WIDTH));
    const name = cleanText(filename ?? "(name unknown)", LONGEST_NAME);
    const why = wrapText(`${cleanText(reason)} (${id})`, room).map((line) => colors.dim(INDENT + line));
    const told = (arrs ?? []).flatMap(({ name: server, outcome }) => {
      const then = AFTER_FAILURE[outcome];
      if (then === undefined) return [];
      return wrapText(`${cleanText(server)} would be told that ${name} failed${then}`, room);
    });
    return [
      `  ${what}  ${fitText(name, Math.max(room, 8))}`,
      ...why,
      ...told.map((line) => colors.dim(INDENT + line)),
    ];
  };
  const lines = report.accounts.flatMap(({ name, ok, error }) => {
    const mine = report.magnets.filter((result) => result.account === name);
    const sorted = ORDER.flatMap((action) => mine.filter((result) => result.action === action));
    const trouble = ok ? [] : wrapText(`✗ ${cleanText(error ?? "")}`, columns);
    const nothing = mine.length === 0 && ok ? ["  nothing to do"] : [];
    return [
      colors.bold(cleanText(name)),
      ...trouble.map((line) => colors.red(line)),
      ...nothing,
      ...sorted.flatMap(magnet),
      "",
    ];
  });
  const parts = ORDER.flatMap((action) => {
    const count = countActions(report, action);
    return count === 0 ? [] : [`${VERBS[action]} ${count}`];
  });
  const would = parts.length === 0 ? "find nothing to do" : parts.join(", ");
  const attention = report.exit_code === 0 ? "" : " Something needs attention: see above.";
  const total = `A sweep would ${would}. This was a dry run: nothing was changed.${attention}`;
  return [...lines, ...wrapText(total, columns)];
}

function countActions({ magnets }: SweepReport, action: Action): number {
  return magnets.filter((magnet) => magnet.action === action).length;
}
