import { Chalk } from "chalk";
import type { Action } from "../core/report.ts";

/** What results are printed on. */
export interface Screen {
  readonly colors: Colors;
  readonly symbols: Symbols;
  /** Columns of the terminal; absent when it is none: then the layout depends on nothing but the content. */
  readonly columns: number | undefined;
  readonly rows?: number | undefined;
}

/** A screen, and how its reader calls this program. */
export interface Reader extends Screen {
  readonly command: string;
}

/** Looks of text on a terminal. Each function returns its text unchanged where colour is not wanted. */
export type Colors = ReturnType<typeof createColors>;

/** `wanted` decides, chalk does not look for itself. */
export function createColors(wanted: boolean) {
  return new Chalk({ level: wanted ? 1 : 0 });
}

/**
 * Whether to colour what goes to a stream. `--no-color` and a non-empty `NO_COLOR` (no-color.org) win over
 * `FORCE_COLOR`, which wins over what is known of the terminal.
 */
export function wantsColor(env: NodeJS.ProcessEnv, isTTY: boolean | undefined, noColor: boolean): boolean {
  if (noColor || env.NO_COLOR) return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== "0" && env.FORCE_COLOR !== "false";
  return isTTY === true && env.TERM !== "dumb";
}

/** How near each action is to losing something: what is gone is red, what is kept is not. */
export function actionColors({ red, yellow, cyan, dim }: Colors): Readonly<Record<Action, Colors["red"]>> {
  return { deleted: red, held: cyan, failed: red, forgotten: dim, restarted: yellow };
}

/** Paints what was done to a magnet in a line of the sweep's log: `main: "Name" (123) restarted: …`. */
export function actionPainter(colors: Colors): (line: string) => string {
  const paint = actionColors(colors);
  // Greedy, so that the last place counts: a stranger's name comes before it.
  const pattern =
    /^(.*(?: \(\d+\)|: magnet \d+) (?:would be )?)(deleted|held|failed|forgotten|restarted)(?=: )/;
  return (line) =>
    line.replace(pattern, (_, before: string, action: Action) => `${before}${paint[action](action)}`);
}

/** What is drawn besides letters. */
export type Symbols = Readonly<typeof UNICODE>;

const UNICODE = {
  ok: "✓",
  warning: "!",
  failed: "✗",
  /** Stands before what to do. */
  arrow: "→",
  /** Stands for what was cut. */
  ellipsis: "…",
  /** The two halves of a bar. */
  full: "█",
  empty: "░",
  /** Columns of a sparkline, the lowest first. */
  steps: "▁▂▃▄▅▆▇█",
  /** Writes a sentence with these symbols only; strangers' letters stay. */
  spell: (text: string) => text,
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

/**
 * Writes a JSON document, without a line feed at its end. Control, format and separator characters that strangers put
 * into names become escapes: the document means the same and is harmless on a terminal.
 */
export function toJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    character.replace(/./gs, escaped),
  );
}
