const STEPS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;

/** Draws counts ≥ 0 as a line of small columns, the highest count the highest; only 0 is the lowest. */
export function sparkline(counts: readonly number[]): string {
  const most = Math.max(...counts, 1);
  return counts.map((count) => STEPS[Math.ceil((count / most) * (STEPS.length - 1))] ?? STEPS[0]).join("");
}
