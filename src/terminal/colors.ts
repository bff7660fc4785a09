/** The looks that text on a terminal can have. Each function leaves its text as it is where no colour is wanted. */
export type Colors = Readonly<
  Record<"bold" | "dim" | "red" | "green" | "yellow" | "cyan", (text: string) => string>
>;

const asItIs = (text: string): string => text;

/** None: for files, pipes, and whoever does not want any. */
export const NO_COLORS: Colors = {
  bold: asItIs,
  dim: asItIs,
  red: asItIs,
  green: asItIs,
  yellow: asItIs,
  cyan: asItIs,
};

/** Loads chalk where colour is wanted, which is decided elsewhere (`wantsColor`): it is not to look for itself. */
export async function loadColors(wanted: boolean): Promise<Colors> {
  if (!wanted) return NO_COLORS;
  const { Chalk } = await import("chalk");
  return new Chalk({ level: 1 });
}
