/** Draws how much of a whole is used up, such as `███░░` for 3 of 5; neither empty nor full unless it is. */
export function bar(part: number, whole: number, cells: number): string {
  const share = whole > 0 ? part / whole : 1;
  const rounded = Math.round(share * cells);
  const filled = share <= 0 ? 0 : share >= 1 ? cells : Math.min(Math.max(rounded, 1), cells - 1);
  return "█".repeat(filled) + "░".repeat(cells - filled);
}
