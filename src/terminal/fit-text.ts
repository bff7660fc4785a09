import { displayWidth, glyphs } from "./display-width.ts";

/** The spaces that fill a text up to `width` terminal columns; full-width letters and emoji take two. */
export function padding(text: string, width: number): string {
  return " ".repeat(Math.max(0, width - displayWidth(text)));
}

/** Cuts a text to at most `width` terminal columns, the last one `…` where something was cut. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let used = 0;
  for (const glyph of glyphs(text)) {
    if (used + glyph.width > width - 1) break;
    kept += glyph.text;
    used += glyph.width;
  }
  return `${kept.trimEnd()}…`;
}
