import { distance } from "fastest-levenshtein";
import * as v from "valibot";
import { isSecret, type Place, type Problems, showableName } from "./config.ts";
import { accountEntry, apiKey, arrEntry, arrServer, configSchema, retriesByStatus } from "./schema.ts";

/** The config file's content after it was checked, with the default in place of each value that is wrong. */
export type Settings = Omit<v.InferOutput<typeof configSchema>, "api_keys" | "arrs"> & {
  /** Null in place of what is wrong: one entry, or all. Undefined when the key is missing. */
  readonly api_keys: readonly (v.InferOutput<typeof apiKey> | null)[] | null | undefined;
  /** Null in place of an entry that is wrong. */
  readonly arrs: readonly (v.InferOutput<typeof arrServer> | null)[];
};

/** Checks the config file's content against the schema and for unknown keys. */
export function parseSettings(content: Record<string, unknown>, problems: Problems): Settings {
  const { api_keys: keys, arrs, ...others } = content;
  const entries = Array.isArray(keys) ? keys : [];
  const servers = Array.isArray(arrs) ? arrs : [];
  reportUnknownKeys(content, configSchema.entries, [], problems);
  reportUnknownKeys(content.max_retries, retriesByStatus, ["max_retries"], problems);
  entries.forEach((entry, i) => void reportUnknownKeys(entry, accountEntry, ["api_keys", i], problems));
  servers.forEach((entry, i) => void reportUnknownKeys(entry, arrEntry, ["arrs", i], problems));
  const { issues = [] } = v.safeParse(configSchema, content, { abortPipeEarly: true });
  for (const issue of issues) {
    reportIssue(issue, [], problems);
    delete others[`${issue.path?.[0].key}`];
  }
  const usable = <T>(list: readonly unknown[], schema: v.GenericSchema<unknown, T>) =>
    list.map((entry) => {
      const { success, output } = v.safeParse(schema, entry);
      return success ? output : null;
    });
  const instead = keys === undefined ? undefined : null;
  return {
    ...v.parse(v.omit(configSchema, ["api_keys", "arrs"]), others),
    api_keys: Array.isArray(keys) ? usable(entries, apiKey) : instead,
    arrs: usable(servers, arrServer),
  };
}

/**
 * Reports a finding of the schema: what was expected and, where that shows no secret, what was found. `parent` is
 * where the value that the issue's own path starts from lies.
 */
function reportIssue(issue: v.BaseIssue<unknown>, parent: Place, problems: Problems): void {
  const path = [...parent, ...(issue.path ?? []).map((item) => item.key as string | number)];
  // Of the shapes a union offers, the one that matched beyond its outermost type is the one that was meant.
  const deeper = issue.issues?.filter((inner) => inner.path !== undefined) ?? [];
  for (const inner of deeper) reportIssue(inner, path, problems);
  if (deeper.length === 0) problems.add(path, `${issue.message}, got ${describeValue(issue.input, path)}`);
}

// What could be a secret is named by its kind alone.
function describeValue(value: unknown, path: Place): string {
  if (value === undefined) return "nothing";
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return describeString(value, path);
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  if (!Number.isFinite(value)) return "a number that is too large";
  return isSecret(path) ? "a number" : String(value);
}

function describeString(text: string, path: Place): string {
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
function reportUnknownKeys(value: unknown, entries: object, path: Place, problems: Problems): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const known = Object.keys(entries);
  for (const key of Object.keys(value)) {
    if (known.includes(key) || key === "$schema" || key.startsWith("_")) continue;
    const { hint, isClose } = closest(key, known);
    const help = isClose ? hint : `known keys: ${known.join(", ")}`;
    const showable = showableName(key) || (isClose && /^[\x20-\x7e]{1,40}$/.test(key));
    if (showable) problems.add([...path, key], `unknown key (${hint})`);
    else problems.add(path, `contains an unknown key (${help})`);
  }
}

/** The environment variables whose names begin with `MAGNETS_`. */
export const VARIABLES = ["CONFIG", "STATE_DIR", "API_URL", "API_KEYS", "DISCORD_WEBHOOK_URL"].flatMap(
  (name) => {
    const variable = `MAGNETS_${name}`;
    return isSecret([variable]) ? [variable, `${variable}_FILE`] : variable;
  },
);

/** Warns of variables that look like this program's and are not. */
export function warnUnknownVariables(env: NodeJS.ProcessEnv, problems: Problems): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith("MAGNETS_") || VARIABLES.includes(name)) continue;
    const shown = /^[A-Z_]{1,60}$/.test(name) ? name : "MAGNETS_…";
    problems.warn([shown], `unknown variable (${closest(name, VARIABLES).hint})`);
  }
}

/** The known name that is closest, in words. */
function closest(name: string, known: readonly string[]): { hint: string; isClose: boolean } {
  const plain = (text: string) =>
    text.slice(0, 100).toLowerCase().replaceAll("-", "_").replace("magnets_", "");
  const best = known
    .map((other) => ({ other, steps: distance(plain(name), plain(other)) }))
    .reduce((a, b) => (b.steps < a.steps ? b : a));
  const isClose = best.steps <= Math.max(2, plain(best.other).length / 3);
  return {
    hint: isClose ? `did you mean ${best.other}?` : `the closest known one is ${best.other}`,
    isClose,
  };
}
