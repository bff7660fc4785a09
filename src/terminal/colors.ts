import { styleText } from "node:util";

const STYLES = ["bold", "dim", "red", "green", "yellow", "cyan"] as const;

/** The looks that text on a terminal can have. Each function leaves its text as it is where no colour is wanted. */
export type Colors = Readonly<Record<(typeof STYLES)[number], (text: string) => string>>;

/** Makes them. Whether colour is wanted is decided elsewhere (`wantsColor`). */
export function createColors(wanted: boolean): Colors {
  const painters = STYLES.map((style) => {
    const paint = (text: string) => styleText(style, text, { validateStream: false });
    return [style, wanted ? paint : (text: string) => text] as const;
  });
  return Object.fromEntries(painters) as Colors;
}
