import { cleanText, tryParseJson } from "./text.ts";

/** Deeper than any real response. */
const MAX_DEPTH = 8;
const MAX_KEYS = 40;
const LONGEST = 2_000;

/** Describes a body that could not be understood, for a bug report, without any word, name or secret in it. */
export function shapeOf(body: string): string {
  if (body.trim() === "") return "an empty body";
  const json = tryParseJson(body);
  if (json !== undefined) return shapeOfJson(json);
  return `${body.trimStart().startsWith("<") ? "a web page" : "text"} of ${body.length} characters`;
}

/** The same for what was parsed already, such as `{magnets: [{id: number}]}`. */
export function shapeOfJson(value: unknown): string {
  return cleanText(describe(value, 0), LONGEST);
}

function describe(value: unknown, depth: number): string {
  if (value === null) return "null";
  if (typeof value !== "object") return typeof value;
  if (depth === MAX_DEPTH) return "…";
  if (Array.isArray(value)) {
    // Entries are mostly alike.
    return `[${[...new Set(value.map((entry) => describe(entry, depth + 1)))].join(" | ")}]`;
  }
  const entries = Object.entries(value);
  const shown = entries
    .slice(0, MAX_KEYS)
    .map(([key, entry]) => `${nameOf(key)}: ${describe(entry, depth + 1)}`);
  return `{${[...new Set(shown), ...(entries.length > MAX_KEYS ? ["…"] : [])].join(", ")}}`;
}

/** A key that is not a word of a protocol may be an id, a name or a secret. */
function nameOf(key: string): string {
  return /^[a-z][a-z_]{0,30}$/i.test(key) ? key : "<key>";
}
