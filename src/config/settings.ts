import { distance } from "fastest-levenshtein";
import * as v from "valibot";
import { isSecret, type Problems } from "./config.ts";
import { accountEntry, apiKey, configSchema, retriesByStatus } from "./schema.ts";

/** The config file's content after it was checked, with the default in place of each value that is wrong. */
export type Settings = Omit<v.InferOutput<typeof configSchema>, "api_keys"> & {
  /** Null in place of what is wrong: one entry, or all. Undefined when the key is missing. */
  readonly api_keys: readonly (v.InferOutput<typeof apiKey> | null)[] | null | undefined;
};

type Path = readonly (string | number)[];

/** Checks the config file's content against the schema and for unknown keys. */
export function parseSettings(content: Record<string, unknown>, problems: Problems): Settings {
  const { api_keys: keys, ...others } = content;
  const entries = Array.isArray(keys) ? keys : [];
  reportUnknownKeys(content, configSchema.entries, [], problems);
  reportUnknownKeys(content.max_retries, retriesByStatus, ["max_retries"], problems);
  entries.forEach((entry, index) => {
    reportUnknownKeys(entry, accountEntry, ["api_keys", index], problems);
  });
  const { issues = [] } = v.safeParse(configSchema, content, { abortPipeEarly: true });
  for (const issue of issues) {
    reportIssue(issue, [], problems);
    delete others[`${issue.path?.[0].key}`];
  }
  const usable = entries.map((entry) => {
    const { success, output } = v.safeParse(apiKey, entry);
    return success ? output : null;
  });
  const instead = keys === undefined ? undefined : null;
  return {
    ...v.parse(v.omit(configSchema, ["api_keys"]), others),
    api_keys: Array.isArray(keys) ? usable : instead,
  };
}

/**
 * Reports a finding of the schema: what was expected and, where that shows no secret, what was found. `parent` is
 * where the value that the issue's own path starts from lies.
 */
function reportIssue(issue: v.BaseIssue<unknown>, parent: Path, problems: Problems): void {
  const path = [...parent, ...(issue.path ?? []).map((item) => item.key as string | number)];
  // Of the shapes a union offers, the one that matched beyond its outermost type is the one that was meant.
  const deeper = issue.issues?.filter((inner) => inner.path !== undefined) ?? [];
  for (const inner of deeper) reportIssue(inner, path, problems);
  if (deeper.length === 0) problems.add(path, `${issue.message}, got ${describeValue(issue.input, path)}`);
}

// What could be a secret is named by its kind alone.
function describeValue(value: unknown, path: Path): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return describeString(value, path);
    case "number":
      if (!Number.isFinite(value)) return "a number that is too large";
      return isSecret(path) ? "a number" : String(value);
    case "boolean":
      return String(value);
    default:
      return "an object";
  }
}

function describeString(text: string, path: Path): string {
  if (text.trim() === "") return "an empty string";
  // Only what can't be a misplaced key is repeated.
  const harmless =
    /^[-+]?[\d.,]{1,15}$/.test(text) ||
    ((path[0] === "log_level" || path[0] === "language") && /^[a-z]{1,12}$/i.test(text));
  return harmless && !isSecret(path) ? `"${text}"${/\d/.test(text) ? " in quotes" : ""}` : "a string";
}

/**
 * Reports the keys of `value`, if it is an object, that are not among `entries`, with the closest known one. `$schema`
 * and keys that start with `_` (comments) are allowed everywhere.
 */
function reportUnknownKeys(value: unknown, entries: object, path: Path, problems: Problems): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const known = Object.keys(entries);
  for (const key of Object.keys(value)) {
    if (known.includes(key) || key === "$schema" || key.startsWith("_")) continue;
    const { name, steps } = closest(key, known);
    const close = steps <= Math.max(2, name.length / 3);
    // A key typed on the wrong side of a colon must not end up in a log: real ones contain digits.
    const showable = close ? /^[\x20-\x7e]{1,40}$/.test(key) : /^[a-z$][a-z_ $.-]{0,39}$/i.test(key);
    const hint = close ? `did you mean ${name}?` : `the closest known key is ${name}`;
    if (showable) problems.add([...path, key], `unknown key (${hint})`);
    else problems.add(path, `contains an unknown key (known keys: ${known.join(", ")})`);
  }
}

function closest(key: string, known: readonly string[]): { name: string; steps: number } {
  const plain = key.slice(0, 100).toLowerCase().replaceAll("-", "_");
  return known
    .map((name) => ({ name, steps: distance(plain, name) }))
    .reduce((best, other) => (other.steps < best.steps ? other : best));
}
