import { displayWidth, glyphs } from "./display-width.ts";

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
