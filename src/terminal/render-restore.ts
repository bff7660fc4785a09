import type { Restorable, RestoreReport, RestoreResult } from "../core/restore.ts";
import { cleanText, ENGLISH_SIZES, humanSize } from "../core/text.ts";
import { type Column, renderTable, wrapText } from "./layout.ts";
import { relativeTime } from "./relative-time.ts";
import type { Reader, Screen } from "./screen.ts";

/** Lists recorded deletions in the order given, and marks those that can't be restored. */
export function renderRestorables(known: readonly Restorable[], screen: Reader): string[] {
  if (known.length === 0) return ["No deletions are recorded."];
  const { colors } = screen;
  const now = Date.now();
  const isHopeless = ({ hash }: Restorable) => hash === undefined;
  const note = (row: Restorable) => (isHopeless(row) ? "hash unknown" : "");
  const columns: Column<Restorable>[] = [
    { title: "ID", cell: ({ deletion }) => deletion.id },
    { title: "NAME", cell: ({ deletion }) => deletion.filename ?? "(name unknown)", shrinks: true },
    {
      title: "SIZE",
      cell: ({ deletion }) => humanSize(deletion.size, ENGLISH_SIZES) ?? "",
      align: "right",
      from: 60,
    },
    { title: "ACCOUNT", cell: ({ deletion }) => deletion.account, shrinks: true, from: 60 },
    { title: "DELETED", cell: ({ deletion }) => relativeTime(deletion.deleted_at, now) },
    ...(known.some(isHopeless) ? [{ title: "", cell: note, shrinks: true, from: 70 }] : []),
  ];
  const paint = (row: Restorable) => (cell: string) => (isHopeless(row) ? colors.dim(cell) : cell);
  const painted = columns.map((column) => ({ ...column, paint }));
  const table = renderTable(painted, known, screen, { paintTitle: colors.bold });
  const advice = known.every(isHopeless)
    ? "None can be restored: their hashes are unknown."
    : `To add them again, run ${screen.command} restore ID...`;
  return [...table, "", ...wrapText(advice, screen)];
}

const LONGEST_NAME = 200;

/** Says of each magnet whether it was restored. */
export function renderRestored(report: RestoreReport, screen: Screen): string[] {
  const { colors, symbols } = screen;
  return report.magnets.flatMap((result) => {
    const mark = result.restored ? colors.green(symbols.ok) : colors.red(symbols.failed);
    return wrapText(`${mark} ${sentence(result)}`, screen, "  ");
  });
}

function sentence({ id, filename, account, restored, new_id, ready, error, note }: RestoreResult): string {
  const name = filename ? `"${cleanText(filename, LONGEST_NAME)}" (${id})` : `magnet ${id}`;
  if (!restored) return `${name} was not restored: ${cleanText(error ?? "")}`;
  const state = ready ? "it is ready" : "AllDebrid is downloading it again";
  const more = note === null ? "" : `; ${cleanText(note)}`;
  const newId = new_id === null ? "" : ` with the new id ${new_id}`;
  return `${name} was restored to ${cleanText(account ?? "")}${newId}; ${state}${more}`;
}
