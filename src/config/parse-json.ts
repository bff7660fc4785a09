import { ConfigError } from "./config-error.ts";

/**
 * Parses the text of a config file: strict JSON. Throws `ConfigError` with line and column (both from 1) of the first
 * mistake; `name` and `path` say which file.
 */
export async function parseJson(text: string, name: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, mistake } = text.trim() === "" ? EMPTY : await lookForMistake(text);
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    const column = (before.at(-1)?.length ?? 0) + 1;
    const place = `line ${before.length}, column ${column}`;
    // The file's own text is not quoted: it holds keys.
    throw new ConfigError([`${name}: ${place}: not valid JSON: ${mistake}`], `Correct ${path}.`);
  }
}

const EMPTY = { offset: 0, mistake: "the file is empty" };

/** The parser is loaded for nothing else. */
async function lookForMistake(text: string): Promise<{ offset: number; mistake: string }> {
  return (await import("./first-mistake.ts")).firstMistake(text);
}
