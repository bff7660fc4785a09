/** How a language writes sizes: the units from bytes up in steps of 1,000, and the decimal mark. */
export interface SizeWords {
  readonly units: readonly string[];
  readonly decimalMark: string;
}

/** English, as terminals show it, too. */
export const ENGLISH_SIZES: SizeWords = { units: ["B", "kB", "MB", "GB", "TB", "PB"], decimalMark: "." };

/** Writes a size in bytes with about three digits, such as `1.4 GB`; `undefined` for what is no size. */
export function humanSize(bytes: number | undefined, words: SizeWords): string | undefined {
  if (bytes === undefined || !Number.isFinite(bytes) || bytes < 0) return undefined;
  let value = bytes;
  let step = 0;
  // 999.5 would be written as 1000 of its unit.
  while (value >= 999.5 && step < words.units.length - 1) {
    value /= 1000;
    step++;
  }
  const digits = step > 0 && value < 99.95 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(0);
  return `${digits.replace(".", words.decimalMark)} ${words.units[step] ?? ""}`;
}
