import { ENGLISH_SIZES, humanSize } from "../core/human-size.ts";
import type { Restorable } from "../core/restorable.ts";
import { relativeTime } from "./relative-time.ts";
import type { Screen } from "./screen.ts";
import { type Column, renderTable } from "./table.ts";

const COLUMNS: readonly Column[] = [
  { title: "ID" },
  { title: "NAME", shrinks: true },
  { title: "SIZE", align: "right" },
  { title: "ACCOUNT", shrinks: true },
  { title: "DELETED" },
];

const NOTE: Column = { title: "", shrinks: true };

/** Lists what was deleted and can be restored, in the order given; what can't be says why. */
export function renderRestorables(
  known: readonly Restorable[],
  { colors, columns: width }: Pick<Screen, "colors" | "columns">,
  now: number = Date.now(),
): string[] {
  if (known.length === 0) return ["No deletion is on record."];
  const hopeless = known.filter(({ hash }) => hash === undefined).length;
  const rows = known.map(({ deletion, hash }) => [
    deletion.id,
    deletion.filename ?? "(name unknown)",
    humanSize(deletion.size, ENGLISH_SIZES) ?? "",
    deletion.account,
    relativeTime(deletion.deleted_at, now),
    ...(hopeless > 0 ? [hash === undefined ? "no hash known" : ""] : []),
  ]);
  const table = renderTable(hopeless > 0 ? [...COLUMNS, NOTE] : COLUMNS, rows, {
    width,
    paint: (cell, row) => {
      if (row < 0) return colors.bold(cell);
      return known[row]?.hash === undefined ? colors.dim(cell) : cell;
    },
  });
  const advice =
    hopeless === known.length
      ? "None can be restored: AllDebrid did not tell their hashes."
      : "Add them again: magnets restore ID...";
  return [...table, "", advice];
}
