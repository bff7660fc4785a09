/** Parses JSON; `undefined` for what is none. The parser's own message is not kept: it quotes the text. */
export function tryParseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
