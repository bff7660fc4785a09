import type { CheckReport, Finding } from "../core/report.ts";
import { cleanText, countOf } from "../core/text.ts";
import type { Screen } from "./colors.ts";
import { wrapText } from "./layout.ts";

const MARKS = { ok: "✓", warning: "!", failed: "✗" } as const;

/** A line for each thing that was looked at, with what to do below it; the verdict at the end. */
export function renderCheck(
  { checks }: CheckReport,
  { colors, columns }: Pick<Screen, "colors" | "columns">,
): string[] {
  const paint = { ok: colors.green, warning: colors.yellow, failed: colors.red };
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  const lines = checks.flatMap(({ name, result, message, remedy }) => {
    const [first = "", ...rest] = wrapText(
      `${MARKS[result]} ${name.padEnd(width)}  ${cleanText(message)}`,
      columns,
      indent,
    );
    const mark = paint[result](MARKS[result]);
    return [mark + first.slice(1), ...rest, ...remedyLines(remedy, indent, columns)];
  });
  return [...lines, "", verdict(checks, paint)];
}

/** What is to be pasted stands alone on its lines. */
function remedyLines(remedy: string | null, indent: string, columns: number | undefined): string[] {
  if (remedy === null) return [];
  const [first = "", ...pasted] = remedy.split("\n").map((line) => cleanText(line));
  return [
    ...wrapText(`${indent}→ ${first}`, columns, `${indent}  `),
    ...pasted.map((line) => `${indent}    ${line}`),
  ];
}

function verdict(
  checks: readonly Finding[],
  paint: Record<Finding["result"], (text: string) => string>,
): string {
  const count = (result: Finding["result"], noun: string) => {
    const found = checks.filter((finding) => finding.result === result).length;
    return found === 0 ? [] : [paint[result](countOf(found, noun))];
  };
  const parts = [...count("failed", "failure"), ...count("warning", "warning")];
  return parts.length === 0 ? paint.ok("All is well") : parts.join(", ");
}
