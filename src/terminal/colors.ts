import { Chalk } from "chalk";

const STYLES = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

/** The looks that text on a terminal can have. Each function leaves its text as it is where no colour is wanted. */
export type Colors = Readonly<Record<(typeof STYLES)[number], (text: string) => string>>;

/** Makes them. Whether colour is wanted is decided elsewhere (`wantsColor`), so chalk is not to look for itself. */
export function createColors(wanted: boolean): Colors {
  return new Chalk({ level: wanted ? 1 : 0 });
}
