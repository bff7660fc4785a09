import type { RestoreReport, RestoreResult } from "../core/restore-report.ts";
import { cleanText } from "../core/safe-text.ts";
import type { Screen } from "./screen.ts";
import { wrapText } from "./wrap-text.ts";

const LONGEST_NAME = 200;

/** Says of each magnet whether it was restored. */
export function renderRestored(
  report: RestoreReport,
  { colors, columns }: Pick<Screen, "colors" | "columns">,
): string[] {
  return report.magnets.flatMap((result) => {
    const mark = result.restored ? colors.green("✓") : colors.red("✗");
    const lines = wrapText(sentence(result), columns === undefined ? undefined : columns - 2);
    return lines.map((line, i) => `${i === 0 ? mark : " "} ${line}`);
  });
}

function sentence({ id, filename, account, restored, new_id, ready, error, note }: RestoreResult): string {
  const name = filename ? `"${cleanText(filename, LONGEST_NAME)}" (${id})` : `magnet ${id}`;
  if (!restored) return `${name} was not restored: ${cleanText(error ?? "")}`;
  const state = ready ? "complete already" : "AllDebrid downloads it again";
  const more = note === null ? "" : `; ${cleanText(note)}`;
  return `${name} is restored in ${cleanText(account ?? "")}: its id is now ${new_id}, ${state}${more}`;
}
