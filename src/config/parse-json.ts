import { type JSONPath, printParseErrorCode, visit } from "jsonc-parser";
import { type Place, type Problems, showableName } from "./problems.ts";

/**
 * Parses strict JSON. What `JSON.parse` takes without a word is reported: names that appear twice, and characters that
 * can't be seen. Throws `ConfigError` when it is not JSON.
 */
export function parseConfigJson(text: string, problems: Problems): unknown {
  try {
    const content: unknown = JSON.parse(text);
    checkEntries(text, problems);
    return content;
  } catch (error) {
    // A RangeError: thousands of brackets inside each other. A SyntaxError quotes the text, which holds keys.
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
    return throwMistakes(text, problems);
  }
}

function checkEntries(text: string, problems: Problems): void {
  const seen = new Map<string, number>();
  visit(text, {
    onObjectProperty(name, offset, length, _line, _column, path) {
      const place = placeOf([...path(), name]);
      const whole = JSON.stringify([...path(), name]);
      const earlier = seen.get(whole);
      seen.set(whole, earlier ?? offset);
      if (earlier !== undefined) {
        const [first, second] = [earlier, offset].map((at) => describePosition(text, at));
        const rest = `appears twice, at ${first} and at ${second}: keep only one`;
        problems.add(place, showableName(name) ? rest : `a name ${rest}`);
        // What both hold stands in two objects.
        for (const inner of seen.keys()) if (inner.startsWith(`${whole.slice(0, -1)},`)) seen.delete(inner);
      }
      const odd = name.startsWith("_") ? undefined : explainOddCharacter(text, offset, offset + length);
      if (odd !== undefined) problems.add(placeOf(path()), `a name ${odd}`);
    },
    onLiteralValue(_value, offset, length, _line, _column, path) {
      const odd = isFreeText(path()) ? undefined : explainOddCharacter(text, offset, offset + length);
      if (odd !== undefined) problems.addOnly(placeOf(path()), odd);
    },
  });
}

/** Up to the first name that may not be shown. */
function placeOf(path: JSONPath): Place {
  const hidden = path.findIndex((step) => typeof step === "string" && !showableName(step));
  return hidden < 0 ? path : path.slice(0, hidden);
}

/** What may hold typographic quotes and the like: names, which people and torrents have, and comments. */
function isFreeText(path: JSONPath): boolean {
  const isComment = path.some((step) => typeof step === "string" && /^[_$]/.test(step));
  return isComment || path[0] === "protect" || path.at(-1) === "name";
}

/** Throws the first five characters that can't be seen outside of strings, else the first mistake. */
function throwMistakes(text: string, problems: Problems): never {
  if (text.trim() === "") throw problems.fatal(["line 1, column 1"], "not valid JSON: the file is empty");
  const mistakes: { code: string; offset: number; length: number }[] = [];
  const onError = (error: number, offset: number, length: number) =>
    void mistakes.push({ code: printParseErrorCode(error), offset, length });
  try {
    visit(text, { onError }, { disallowComments: true });
  } catch {
    // Thousands of brackets inside each other exhaust the stack of this parser; what it met so far is enough.
  }
  // What is not a token, and strings that are not closed.
  const odd = mistakes
    .filter(({ code }) => code === "InvalidSymbol" || code === "UnexpectedEndOfString")
    .flatMap(({ offset, length }) => findOddCharacters(text, offset, offset + length));
  for (const { offset, what, remedy } of odd.slice(0, 5)) {
    problems.add([describePosition(text, offset)], `${what}: ${remedy}`);
  }
  problems.throwErrors();
  const { offset, code } = mistakes[0] ?? { offset: 0, code: "" };
  const mistake = MISTAKES[text[offset] === "#" ? "InvalidCommentToken" : code];
  const words = mistake ?? "unexpected text (strings need double quotes)";
  throw problems.fatal([describePosition(text, offset)], `not valid JSON: ${words}`);
}

const ESCAPE = "invalid escape after a backslash (write a backslash itself as \\\\)";

/** By the name of jsonc-parser's error; "" where it met none before it gave up. */
const MISTAKES: Readonly<Record<string, string>> = {
  "": "it can't be parsed (too many brackets?)",
  PropertyNameExpected: "expected a key in double quotes (remove any comma before })",
  ValueExpected: "expected a value (remove any comma before ] or })",
  ColonExpected: "expected a colon",
  CommaExpected: "expected a comma before this",
  CloseBraceExpected: "expected }",
  CloseBracketExpected: "expected ]",
  EndOfFileExpected: "expected the end of the file",
  InvalidCommentToken: 'comments are not allowed (use a key such as "_comment")',
  UnexpectedEndOfString: "a string is not closed with a double quote on the same line",
  InvalidCharacter: "a string contains a control character",
  InvalidEscapeCharacter: ESCAPE,
  InvalidUnicode: ESCAPE,
};

/** What has no place in a config file, though an editor shows nothing of it, or something else. The first counts. */
const KINDS: readonly (readonly [pattern: RegExp, name: string, remedy?: string])[] = [
  [/\0/, "a NUL character"],
  [/\u00a0/, "a no-break space", "write an ordinary space or none"],
  [/\u202f/, "a narrow no-break space", "write an ordinary space or none"],
  [/\u200b/, "a zero-width space"],
  [/\ufeff/, "a byte order mark"],
  [/[\u2028\u2029]/, "a line or paragraph separator", "write an ordinary line break"],
  [/[“”„‟«»″＂‘’‚‛‹›′＇]/, "a typographic quote", 'write a straight one (") or none'],
  [/[\p{Zs}\u2800]/u, "an unusual space", "write an ordinary space or none"],
  [/\p{Cc}/u, "a control character"],
  [/[\p{Cf}\p{Default_Ignorable_Code_Point}]/u, "an invisible character"],
  [/[\uff01-\uff5e]/, "a full-width character", "write the ordinary one"],
];

/**
 * Finds them in a text from `start` to `end`, a run of the same as one: its offset, what it is, such as `a no-break
 * space (U+00A0)`, and what to do about it.
 */
function findOddCharacters(text: string, start: number, end: number) {
  const runs = [...text.slice(start, end).matchAll(/([^\t\n\r\x20-\x7e])\1*/gu)];
  return runs.flatMap(({ 0: run, 1: character = "", index }) => {
    const [, name, remedy = "delete it"] = KINDS.find(([kind]) => kind.test(character)) ?? [];
    if (name === undefined) return [];
    const code = character.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    const times = run.length > character.length ? `, ${run.length / character.length} times` : "";
    return { offset: start + index, what: `${name} (U+${code})${times}`, remedy };
  });
}

/** Line and column, both from 1. */
function describePosition(text: string, offset: number): string {
  const lines = text.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
}

/** Says which odd character the text contains first from `start` to `end`, and where; undefined without any. */
export function explainOddCharacter(text: string, start = 0, end = text.length): string | undefined {
  const [odd] = findOddCharacters(text, start, end);
  return odd && `contains ${odd.what} at ${describePosition(text, odd.offset)}: ${odd.remedy}`;
}
