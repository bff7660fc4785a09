/**
 * Writes a JSON document, without a line feed at its end. Control, format and separator characters that strangers put
 * into names become escapes: the document means the same and is harmless on a terminal.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/(?!\n)[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/gu, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
