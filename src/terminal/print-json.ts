/**
 * A JSON document, a line feed not included. Control, format and separator characters that strangers put
 * into names are written as escapes: the document says the same and is harmless to look at.
 */
export function printJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    character === "\n"
      ? character
      : Array.from({ length: character.length }, (_, i) => escapeUnit(character.charCodeAt(i))).join(""),
  );
}

function escapeUnit(unit: number): string {
  return `\\u${unit.toString(16).padStart(4, "0")}`;
}
