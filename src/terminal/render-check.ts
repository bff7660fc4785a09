import type { CheckReport } from "../core/report.ts";
import { cleanText, countOf } from "../core/text.ts";
import type { Screen } from "./colors.ts";
import { wrapText } from "./layout.ts";

const MARKS = { ok: "✓", warning: "!", failed: "✗" } as const;

/** A line for each thing that was checked, with what to do below it; the verdict at the end. */
export function renderCheck(
  { checks }: CheckReport,
  { colors, columns }: Pick<Screen, "colors" | "columns">,
): string[] {
  const paint = { ok: colors.green, warning: colors.yellow, failed: colors.red };
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = " ".repeat(width + 4);
  const lines = checks.flatMap(({ name, result, message, remedy }) => {
    const start = `${paint[result](MARKS[result])} ${name.padEnd(width)}  `;
    const said = wrapText(start + cleanText(message), columns, indent);
    if (remedy === null) return said;
    // What is to be pasted stands alone on its lines.
    const [advice = "", ...pasted] = remedy.split("\n").map((line) => cleanText(line));
    return [
      ...said,
      ...wrapText(`${indent}→ ${advice}`, columns, `${indent}  `),
      ...pasted.map((line) => `${indent}    ${line}`),
    ];
  });
  const count = (result: "failed" | "warning", noun: string) => {
    const found = checks.filter((finding) => finding.result === result).length;
    return found === 0 ? [] : [paint[result](countOf(found, noun))];
  };
  const parts = [...count("failed", "failure"), ...count("warning", "warning")];
  return [...lines, "", parts.join(", ") || colors.green("All is well")];
}
