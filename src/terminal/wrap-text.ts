import { displayWidth } from "./display-width.ts";

/**
 * Breaks a text between words into lines of at most `width` terminal columns, those after the first behind
 * `indent`. A word that is longer stays whole, so that an address can be copied.
 */
export function wrapText(text: string, width = Number.POSITIVE_INFINITY, indent = ""): string[] {
  const lines: string[] = [];
  const [first = "", ...words] = text.trimStart().split(" ");
  let line = text.slice(0, text.length - text.trimStart().length) + first;
  for (const word of words) {
    const longer = `${line} ${word}`;
    if (displayWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
