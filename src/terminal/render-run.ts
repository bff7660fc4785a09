import type { ArrResult } from "../core/records.ts";
import { type Action, countResults, type MagnetResult, type SweepReport } from "../core/report.ts";
import { cleanText, countOf, notificationsWait } from "../core/text.ts";
import { ExitCode } from "../errors.ts";
import { fitName, isWide, wrapText } from "./layout.ts";
import { actionColors, type Screen } from "./screen.ts";

/** What each fate is called in a summary, and which action it is coloured as. */
export const FATES = [
  { fate: "restarted", words: "restarted", action: "restarted" },
  { fate: "deleted", words: "deleted", action: "deleted" },
  { fate: "held", words: "held back", action: "held" },
  { fate: "waiting", words: "waiting for a free slot", action: "held" },
  { fate: "failed", words: "failed", action: "failed" },
  { fate: "forgotten", words: "forgotten", action: "forgotten" },
  { fate: "not_started", words: "not started", action: "held" },
] as const;

/** Who stopped a sweep, as in `stopped by …`; `undefined` where nobody did. */
export function stoppedBy(exitCode: number, notStarted = 0): string | undefined {
  if (exitCode === ExitCode.interrupted) return "stopped by SIGINT (Ctrl-C)";
  if (exitCode === ExitCode.terminated) return "stopped by SIGTERM";
  return notStarted > 0 ? "stopped by its time limit" : undefined;
}

/** The result of a sweep as a person reads it: one sentence. */
export function renderReport(report: SweepReport, screen: Screen): string[] {
  const paint = actionColors(screen.colors);
  const counts = countResults(report.magnets);
  const parts = FATES.flatMap(({ fate, words, action }) => {
    const text = `${counts[fate]} ${words}`;
    if (counts[fate] > 0) return paint[action](text);
    return fate === "restarted" || fate === "deleted" ? text : [];
  });
  if (report.pending_notifications > 0) parts.push(notificationsWait(report.pending_notifications));
  const trouble = report.accounts.filter((account) => !account.ok).map(({ name }) => cleanText(name));
  if (trouble.length > 0) parts.push(`trouble with ${trouble.join(", ")}`);
  const unseen = report.accounts.filter((account) => account.not_started).length;
  if (unseen > 0) parts.push(`${countOf(unseen, "account")} not looked at`);
  const seconds = (Date.parse(report.finished_at) - Date.parse(report.started_at)) / 1000;
  const stopped = stoppedBy(report.exit_code, counts.not_started);
  const what = stopped
    ? `Sweep ${stopped} after`
    : `Sweep of ${countOf(report.accounts.length, "account")} in`;
  return wrapText(`${what} ${seconds.toFixed(1)} s: ${parts.join(", ")}`, screen, "  ");
}

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

/** What would come of telling a server; one that would not be told is missing. */
const AFTER_FAILURE: Readonly<Partial<Record<ArrResult["outcome"], string>>> = {
  searches: ", and would search again",
  off: "; automatic search is off there",
  keeps: "; it would keep its file until something better comes",
  marked: "",
};

/** What a sweep would do and why: two lines a magnet, by account. */
export function renderDryRun(report: SweepReport, screen: Screen): string[] {
  const { colors, symbols } = screen;
  const paint = actionColors(colors);
  const indent = " ".repeat(isWide(screen) ? 2 + WHAT_WIDTH + 2 : 4);
  const magnet = ({ action, filename, reason, id, arrs = [] }: MagnetResult): string[] => {
    const what = paint[action](`would be ${action}`.padEnd(WHAT_WIDTH));
    const whole = symbols.spell(cleanText(filename ?? "(name unknown)", LONGEST_NAME));
    const name = fitName(whole, screen, indent.length);
    const told = arrs.flatMap(({ name: server, outcome }) => {
      const then = AFTER_FAILURE[outcome];
      return then === undefined ? [] : `${cleanText(server)} would be told that ${whole} failed${then}`;
    });
    const why = [`${cleanText(reason)} (${id})`, ...told];
    return [
      ...(isWide(screen) ? [`  ${what}  ${name}`] : [`  ${what}`.trimEnd(), indent + name]),
      ...why.flatMap((text) => wrapText(indent + text, screen, indent)).map((line) => colors.dim(line)),
    ];
  };
  const lines = report.accounts.flatMap(({ name, ok, error }) => {
    const mine = report.magnets.filter((result) => result.account === name);
    const sorted = ORDER.flatMap((action) => mine.filter((result) => result.action === action));
    const trouble = ok ? [] : wrapText(`${symbols.failed} ${cleanText(error ?? "")}`, screen, "  ");
    return [
      ...wrapText(cleanText(name), screen).map((line) => colors.bold(line)),
      ...trouble.map((line) => colors.red(line)),
      ...(mine.length === 0 && ok ? ["  nothing to do"] : []),
      ...sorted.flatMap(magnet),
      "",
    ];
  });
  const counts = countResults(report.magnets);
  const held = report.magnets.filter(({ restarted }) => restarted).length;
  const parts = ORDER.flatMap((action) => (counts[action] > 0 ? `${VERBS[action]} ${counts[action]}` : []));
  const instead = held === 0 ? "" : ` (${held} of them instead of a deletion that is held back)`;
  const would = `A sweep would ${parts.join(", ") || "find nothing to do"}${instead}.`;
  const attention = report.exit_code === 0 ? "" : " Something needs attention: see above.";
  return [...lines, ...wrapText(`${would} This was a dry run: nothing was changed.${attention}`, screen)];
}
