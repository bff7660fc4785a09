import type { CheckReport } from "../core/report.ts";
import { cleanText, countOf } from "../core/text.ts";
import { isWide, wrapCommand, wrapText } from "./layout.ts";
import type { Screen } from "./screen.ts";

/** Advice that is nothing but a command; prose has a colon or a comma before one. */
const COMMAND = /^(sudo|chmod|chown|chgrp) [^,;:]*$/;

/** A line for each thing that was checked, with what to do below it; the verdict at the end. */
export function renderCheck({ checks }: CheckReport, screen: Screen): string[] {
  const { colors, symbols } = screen;
  const paint = { ok: colors.green, warning: colors.yellow, failed: colors.red };
  const markWidth = Math.max(symbols.ok.length, symbols.failed.length);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const indent = " ".repeat(isWide(screen) ? markWidth + 1 + width + 2 : 2);
  const lines = checks.flatMap(({ name, result, message, remedy }) => {
    const mark = paint[result](symbols[result].padEnd(markWidth));
    const said = isWide(screen)
      ? wrapText(`${mark} ${name.padEnd(width)}  ${cleanText(message)}`, screen, indent)
      : [`${mark} ${name}`, ...wrapText(indent + cleanText(message), screen, indent)];
    if (remedy === null) return said;
    // What is to be pasted stands alone on its lines.
    const [advice = "", ...pasted] = remedy.split("\n").map((line) => cleanText(line));
    const wrap = COMMAND.test(advice) ? wrapCommand : wrapText;
    return [
      ...said,
      ...wrap(`${indent}${symbols.arrow} ${advice}`, screen, `${indent}  `),
      ...pasted.flatMap((line) => wrapCommand(`${indent}    ${line}`, screen, `${indent}      `)),
    ];
  });
  const count = (result: "failed" | "warning", noun: string) => {
    const found = checks.filter((finding) => finding.result === result).length;
    return found === 0 ? [] : [paint[result](countOf(found, noun))];
  };
  const parts = [...count("failed", "failure"), ...count("warning", "warning")];
  return [...lines, "", parts.join(", ") || colors.green("All is well")];
}
