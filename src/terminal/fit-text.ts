import stringWidth from "string-width";

/** Pads a text with spaces to `width` terminal columns; full-width letters and emoji take two. */
export function padText(text: string, width: number, align: "left" | "right" = "left"): string {
  const padding = " ".repeat(Math.max(0, width - stringWidth(text)));
  return align === "left" ? text + padding : padding + text;
}

/** Cuts a text to at most `width` terminal columns, the last one `…` where something was cut. */
export function fitText(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let used = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    const columns = stringWidth(segment);
    if (used + columns > width - 1) break;
    kept += segment;
    used += columns;
  }
  return `${kept.trimEnd()}…`;
}
