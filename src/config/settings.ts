import { distance } from "fastest-levenshtein";
import * as v from "valibot";
import { isSecretPath, type Problem } from "./config.ts";
import {
  accountEntry,
  configSchema,
  ENTRY_EXPECTED,
  RETRIES_EXPECTED,
  retriesByStatus,
  type Settings,
} from "./schema.ts";

type Path = Problem["path"];

/**
 * Turns one finding of the schema into problems: what was expected and, where that tells no secret, what was found.
 * `parent` is where the value that the issue's own path starts from lies.
 */
export function describeIssue(issue: v.BaseIssue<unknown>, parent: Path = []): Problem[] {
  const path = [...parent, ...(issue.path ?? []).map((item) => item.key as string | number)];
  // Of the shapes a union offers, the one that matched beyond its outermost type is the one that was meant.
  const deeper = issue.issues?.filter((inner) => inner.path !== undefined) ?? [];
  if (deeper.length > 0) return deeper.flatMap((inner) => describeIssue(inner, path));
  return [{ inFile: true, path, text: `${issue.message}, got ${describeValue(issue.input, path)}` }];
}

// What could be a secret is named by its kind alone.
function describeValue(value: unknown, path: Path): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return describeText(value, path);
    case "number":
      if (!Number.isFinite(value)) return "a number too large";
      return isSecretPath(path) ? "a number" : String(value);
    case "boolean":
      return String(value);
    default:
      return "an object";
  }
}

function describeText(text: string, path: Path): string {
  if (text.trim() === "") return "an empty text";
  // Only what can't be a misplaced key is repeated.
  const harmless =
    /^[-+]?[\d.,]{1,15}$/.test(text) ||
    ((path[0] === "log_level" || path[0] === "language") && /^[a-z]{1,12}$/i.test(text));
  return harmless && !isSecretPath(path) ? `"${text}"${/\d/.test(text) ? " in quotes" : ""}` : "text";
}

/**
 * The keys of `value`, if it is an object, that are not among `known`, each as a problem that names the nearest known
 * key. `$schema` and keys that start with `_` (comments) may stand anywhere.
 */
export function unknownKeys(value: unknown, known: readonly string[], path: Problem["path"]): Problem[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  return Object.keys(value)
    .filter((key) => !known.includes(key) && key !== "$schema" && !key.startsWith("_"))
    .map((key) => {
      const { name, steps } = nearest(key, known);
      const close = steps <= Math.max(2, name.length / 3);
      // A key typed on the wrong side of a colon must not end up in a log: real ones hold digits.
      const showable = close ? /^[\x20-\x7e]{1,40}$/.test(key) : /^[a-z$][a-z_ $.-]{0,39}$/i.test(key);
      const hint = close ? `did you mean ${name}?` : `the nearest known one is ${name}`;
      return {
        inFile: true,
        path: showable ? [...path, key] : path,
        text: showable
          ? `unknown key (${hint})`
          : `holds an unknown key (the known ones: ${known.join(", ")})`,
      };
    });
}

function nearest(key: string, known: readonly string[]): { name: string; steps: number } {
  const plain = key.slice(0, 100).toLowerCase().replaceAll("-", "_");
  return known
    .map((name) => ({ name, steps: distance(plain, name) }))
    .reduce((best, other) => (other.steps < best.steps ? other : best));
}

/** What could be made of the config file's content. */
export interface ParsedSettings {
  /** With the default in place of each value that is wrong. */
  readonly settings: Settings;
  /** Positions in `api_keys` whose entries are wrong and to be passed over; `all` when it is no list. */
  readonly badEntries: ReadonlySet<number> | "all";
  readonly problems: readonly Problem[];
}

/** Checks the config file's content against the schema and for unknown keys; finds all problems at once. */
export function parseSettings(content: Record<string, unknown>): ParsedSettings {
  const { issues = [] } = v.safeParse(configSchema, content, { abortPipeEarly: true });
  const wrong = [...listsForObjects(content), ...issues.flatMap((issue) => describeIssue(issue))];
  const problems = [...allUnknownKeys(content), ...wrong];
  return { ...withoutWrongValues(content, wrong), problems };
}

function allUnknownKeys(content: Record<string, unknown>): Problem[] {
  return [
    ...unknownKeys(content, Object.keys(configSchema.entries), []),
    ...unknownKeys(content.max_retries, Object.keys(retriesByStatus.entries), ["max_retries"]),
    ...entriesOf(content).flatMap((entry, index) =>
      unknownKeys(entry, Object.keys(accountEntry.entries), ["api_keys", index]),
    ),
  ];
}

// valibot takes a list for an object.
function listsForObjects(content: Record<string, unknown>): Problem[] {
  const problem = (path: Problem["path"], text: string) => ({
    inFile: true,
    path,
    text: `${text}, got a list`,
  });
  return [
    ...(Array.isArray(content.max_retries) ? [problem(["max_retries"], RETRIES_EXPECTED)] : []),
    ...entriesOf(content).flatMap((entry, index) =>
      Array.isArray(entry) ? [problem(["api_keys", index], ENTRY_EXPECTED)] : [],
    ),
  ];
}

function entriesOf(content: Record<string, unknown>): unknown[] {
  return Array.isArray(content.api_keys) ? content.api_keys : [];
}

function withoutWrongValues(
  content: Record<string, unknown>,
  wrong: readonly Problem[],
): Omit<ParsedSettings, "problems"> {
  const kept = { ...content };
  const bad = new Set<number>();
  for (const { path } of wrong) {
    const [root, index] = path;
    if (root === "api_keys" && typeof index === "number") bad.add(index);
    else if (typeof root === "string") delete kept[root];
  }
  const allBad = "api_keys" in content && !("api_keys" in kept);
  if (Array.isArray(kept.api_keys)) {
    kept.api_keys = kept.api_keys.map((entry, index) => (bad.has(index) ? {} : entry));
  }
  return { settings: v.parse(configSchema, kept), badEntries: allBad ? "all" : bad };
}
