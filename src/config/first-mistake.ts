import { parse, printParseErrorCode } from "jsonc-parser";

/** Where the first mistake in a text that is not JSON is (from 0), and what it is: `JSON.parse` only hints at it. */
export function firstMistake(text: string): { offset: number; mistake: string } {
  const errors: { error: number; offset: number; length: number }[] = [];
  try {
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  } catch {
    // Thousands of brackets inside each other exhaust the stack of this parser; what it met so far is enough.
  }
  const first = errors.sort((a, b) => a.offset - b.offset)[0];
  if (first === undefined) return { offset: 0, mistake: "it can't be read" };
  return { offset: first.offset, mistake: explain(printParseErrorCode(first.error)) };
}

function explain(code: string): string {
  switch (code) {
    case "PropertyNameExpected":
      return "expected a name in double quotes (a comma before } is one too many)";
    case "ValueExpected":
      return "expected a value (a comma before ] or } is one too many)";
    case "ColonExpected":
      return "expected a colon";
    case "CommaExpected":
      return "expected a comma before this";
    case "CloseBraceExpected":
      return "expected }";
    case "CloseBracketExpected":
      return "expected ]";
    case "EndOfFileExpected":
      return "expected nothing more";
    case "InvalidCommentToken":
      return 'comments are not allowed (use a key such as "_comment")';
    case "UnexpectedEndOfString":
      return "a text is not closed with a double quote on its line";
    case "InvalidCharacter":
      return "a text holds a control character";
    case "InvalidEscapeCharacter":
    case "InvalidUnicode":
      return "a backslash is followed by something it can't be (a backslash itself is written twice)";
    default:
      return "unexpected text (texts stand in double quotes)";
  }
}
