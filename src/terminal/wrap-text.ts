import { displayWidth } from "./display-width.ts";

/**
 * Breaks a text between words into lines of at most `width` terminal columns, those after the first behind
 * `indent`. A word that is longer stays whole, so that an address can be copied.
 */
export function wrapText(text: string, width = Number.POSITIVE_INFINITY, indent = ""): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line.trim() !== "" && displayWidth(longer) > width) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}
