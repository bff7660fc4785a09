/** What is drawn besides letters. */
export interface Symbols {
  readonly ok: string;
  readonly warning: string;
  readonly failed: string;
  /** Stands before what to do. */
  readonly arrow: string;
  /** Stands for what was cut. */
  readonly ellipsis: string;
  /** The two halves of a bar. */
  readonly full: string;
  readonly empty: string;
  /** Columns of a sparkline, the lowest first. */
  readonly steps: string;
  /** Writes a sentence with these symbols only; strangers' letters stay. */
  spell(text: string): string;
}

const UNICODE: Symbols = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  arrow: "→",
  ellipsis: "…",
  full: "█",
  empty: "░",
  steps: "▁▂▃▄▅▆▇█",
  spell: (text) => text,
};

const ASCII: Symbols = {
  ok: "ok",
  warning: "!",
  failed: "FAIL",
  arrow: "->",
  ellipsis: "...",
  full: "#",
  empty: ".",
  steps: "_.:-=+*#",
  spell: (text) => text.replaceAll("…", "...").replaceAll("→", "->"),
};

/**
 * The symbols that a terminal can show: ASCII where the locale names another character set than UTF-8 (locale(7)), and
 * on Linux's console, whose font lacks most others. Where no locale is set, nothing is known, and terminals are UTF-8.
 */
export function symbolsFor(env: Readonly<Record<string, string | undefined>>): Symbols {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "UTF-8";
  return env.TERM === "linux" || !/utf-?8/i.test(locale) ? ASCII : UNICODE;
}
