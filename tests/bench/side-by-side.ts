/**
 * Takes each measurement in turn, over and over, so that whatever else the machine does falls on all of them
 * alike. The first round warms caches and is not counted. Returns the median of each.
 */
export async function sideBySide<Names extends string>(
  repetitions: number,
  measurements: Readonly<Record<Names, () => Promise<number>>>,
): Promise<Record<Names, number>> {
  const entries = Object.entries(measurements) as [Names, () => Promise<number>][];
  const taken = new Map<Names, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round <= repetitions; round++) {
    for (const [name, measure] of entries) {
      const value = await measure();
      if (round > 0) taken.get(name)?.push(value);
    }
  }
  return Object.fromEntries([...taken].map(([name, values]) => [name, median(values)])) as Record<
    Names,
    number
  >;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]];
  return (low + high) / 2;
}
