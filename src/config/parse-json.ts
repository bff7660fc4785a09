import { createScanner, type JSONPath, parse, printParseErrorCode, visit } from "jsonc-parser";
import {
  decodeText,
  describePosition,
  explainOddCharacter,
  findOddCharacters,
  NOT_ASCII,
} from "./characters.ts";
import { type Place, type Problems, showableName } from "./config.ts";

/**
 * Parses strict JSON in UTF-8. What `JSON.parse` takes without a word is reported: names that appear twice, and
 * characters that can't be seen.
 *
 * @throws ConfigError when it is not JSON.
 */
export function parseConfigJson(bytes: Uint8Array, problems: Problems): unknown {
  const decoded = decodeText(bytes);
  if ("mistake" in decoded) throw problems.fatal([], decoded.mistake);
  const { text } = decoded;
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
  const objects: Map<string, number>[] = [];
  visit(text, {
    onObjectBegin: () => void objects.push(new Map()),
    onObjectEnd: () => void objects.pop(),
    onObjectProperty(name, offset, length, _line, _column, path) {
      const parent = placeOf(path());
      const names = objects.at(-1);
      const earlier = names?.get(name);
      names?.set(name, earlier ?? offset);
      if (earlier !== undefined) {
        const [first, second] = [earlier, offset].map((at) => describePosition(text, at));
        const rest = `appears twice, at ${first} and at ${second}: keep only one`;
        if (showableName(name)) problems.add([...parent, name], rest);
        else problems.add(parent, `a name ${rest}`);
      }
      if (name.startsWith("_")) return;
      const odd = explainOddCharacter(text, offset, offset + length, NOT_ASCII);
      if (odd !== undefined) problems.add(parent, `a name ${odd}`);
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
  return isComment || path[0] === "protect" || (path[0] === "api_keys" && path.at(-1) === "name");
}

/** Throws the first five characters that can't be seen outside of strings, else the first mistake. */
function throwMistakes(text: string, problems: Problems): never {
  if (text.trim() === "") throw problems.fatal(["line 1, column 1"], "not valid JSON: the file is empty");
  for (const { offset, what, remedy } of oddOutsideStrings(text).slice(0, 5)) {
    problems.add([describePosition(text, offset)], `${what}: ${remedy}`);
  }
  problems.throwErrors();
  const { offset, mistake } = firstMistake(text);
  throw problems.fatal([describePosition(text, offset)], `not valid JSON: ${mistake}`);
}

/** Numbers of jsonc-parser's `SyntaxKind`, an ambient enum whose names don't exist when the program runs. */
const TOKEN = { lineComment: 12, blockComment: 13, string: 10, end: 17 };

function oddOutsideStrings(text: string): ReturnType<typeof findOddCharacters> {
  const scanner = createScanner(text);
  const found: ReturnType<typeof findOddCharacters> = [];
  for (let token: number = scanner.scan(); token !== TOKEN.end; token = scanner.scan()) {
    const isClosedString = token === TOKEN.string && scanner.getTokenError() === 0;
    if (isClosedString || token === TOKEN.lineComment || token === TOKEN.blockComment) continue;
    const start = scanner.getTokenOffset();
    for (const odd of findOddCharacters(text.slice(start, start + scanner.getTokenLength()))) {
      found.push({ ...odd, offset: start + odd.offset });
    }
  }
  return found;
}

function firstMistake(text: string): { offset: number; mistake: string } {
  const errors: { error: number; offset: number; length: number }[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // Thousands of brackets inside each other exhaust the stack of this parser; what it met so far is enough.
  }
  const first = errors.sort((a, b) => a.offset - b.offset)[0];
  if (first === undefined) return { offset: 0, mistake: "it can't be parsed (too many brackets?)" };
  const isHash = text[first.offset] === "#";
  const code = isHash ? "InvalidCommentToken" : printParseErrorCode(first.error);
  return { offset: first.offset, mistake: MISTAKES[code] ?? "unexpected text (strings need double quotes)" };
}

const ESCAPE = "invalid escape after a backslash (write a backslash itself as \\\\)";

/** By the name of jsonc-parser's error. */
const MISTAKES: Readonly<Record<string, string>> = {
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
