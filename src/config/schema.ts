import { distance } from "fastest-levenshtein";
import * as v from "valibot";
import { LANGUAGES, LOG_LEVELS } from "../core/settings.ts";
import { isSecret, type Place, type Problems, showableName } from "./problems.ts";

/** A schema whose findings say what was expected. */
const expected = <const Schema extends v.GenericSchema>(what: string, schema: Schema) =>
  v.config(schema, { message: `expected ${what}` });
const whole = (least: number) => v.pipe(v.number(), v.integer(), v.minValue(least));
const between = (least: number, most: number) => v.pipe(v.number(), v.minValue(least), v.maxValue(most));
// valibot takes a list for an object.
const notList = v.check((value) => !Array.isArray(value));
const object = <const T extends v.ObjectEntries>(entries: T) =>
  v.pipe(v.unknown(), notList, v.object(entries));
const url = (what: string) => expected(`the URL of ${what}`, v.string());
const key = v.optional(expected("a key", v.string()));
// A path with a zero byte can't be passed to the system at all.
const path = expected("a path", v.pipe(v.string(), v.regex(/^[^\0]*$/)));
const displayName = expected(
  "a name of at most 64 characters on one line",
  v.pipe(v.string(), v.maxLength(64), v.regex(/^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/)),
);
const cycle = expected("a number of seconds from 1 to 2678400 (31 days)", between(1, 2_678_400));
const logLevel = v.pipe(v.string(), v.toUpperCase(), v.picklist(LOG_LEVELS));

/** The same entries, each with what editors show of it. */
function described<const T extends v.ObjectEntries>(texts: Record<keyof T, string>, entries: T) {
  const pairs = Object.entries(entries as Record<string, v.GenericSchema>).map(([name, schema]) => {
    return [name, v.pipe(schema, v.description(texts[name] ?? ""))];
  });
  return Object.fromEntries(pairs) as T;
}

const KEY_FILE = "A file that contains the key and nothing else; relative to this file.";

const retries = expected("a whole number of at least 1", whole(1));
/** The keys of `max_retries` by the status sighted. */
const retriesByStatus = { expired: v.optional(retries, 5), error: v.optional(retries, 5) };

/** The keys of an account in `api_keys` that is more than a bare key. */
const accountEntry = described(
  { name: "Its name in tables, logs and on Discord.", key: "The API key.", key_file: KEY_FILE },
  { name: v.optional(displayName), key, key_file: v.optional(path) },
);

/** The keys of a server in `arrs`. */
const arrEntry = described(
  {
    name: "Its name in logs and on Discord.",
    url: "Its address as the browser shows it, with its base path if it has one.",
    api_key: "The API key of its Settings, General.",
    api_key_file: KEY_FILE,
  },
  { name: displayName, url: url("the server"), api_key: key, api_key_file: v.optional(path) },
);

const apiKey = expected(
  'a key, {"name": …, "key": …} or {"name": …, "key_file": …}',
  v.union([v.string(), object(accountEntry)]),
);

const arr = expected('{"name": "sonarr", "url": "http://127.0.0.1:8989", "api_key": "…"}', object(arrEntry));
const arrs = expected('a list of servers, [{"name": …, "url": …, "api_key": …}]', v.array(arr));

const maxRetries = expected(
  'a whole number of at least 1, or {"expired": 3, "error": 5}',
  v.union([whole(1), object(retriesByStatus)]),
);

// Beyond the largest safe integer a number in JSON no longer is the id that was typed.
const magnetId = v.pipe(whole(0), v.maxValue(Number.MAX_SAFE_INTEGER));
const magnetName = v.pipe(v.string(), v.regex(/\S/));
const protectEntry = expected("an id, a hash or a name", v.union([magnetName, magnetId]));

/** What editors show of each key of the config file. */
const DESCRIPTIONS = {
  api_keys: "The AllDebrid API keys, one for each account.",
  max_retries:
    "Number of sightings in failure at which a magnet is deleted; 5 means four restarts, then a deletion.",
  min_failing_hours: "A magnet is not deleted before it has been failing for this many hours.",
  max_deletes_per_run: 'If more deletions are due, none is done; 0 is no limit. For none: "protect": ["*"].',
  protect: "Never deleted: ids, hashes, magnet links, parts of names, or patterns with * and ?.",
  discord_webhook_url: "The Discord webhook that deletions are posted to; empty for none.",
  discord_webhook_url_file: "A file that contains the webhook's URL; relative to this file.",
  healthcheck_url:
    "Pinged at the start and at the end of each sweep (Healthchecks, or Uptime Kuma's /api/push/); empty for none.",
  arrs: "The Sonarrs and Radarrs that are told which downloads were deleted, so that they search again.",
  cycle_seconds: "How often sweeps are expected, in seconds; the timer schedules them.",
  log_level: "DEBUG, INFO, WARNING or ERROR, in any case.",
  language: "The language of messages on Discord: en or fr.",
  state_dir: "The folder for state; relative to this file.",
  retry_counts_path: "The original program's counters, read once, never written; relative to this file.",
};

/** What is checked of each, with the defaults. Strings can be `""` for "not set". */
const settings = described(DESCRIPTIONS, {
  api_keys: v.optional(expected('a list of keys, ["…"] or [{"name": "…", "key": "…"}]', v.array(apiKey))),
  max_retries: v.optional(maxRetries, 5),
  min_failing_hours: v.optional(expected("a number of hours from 0 to 87600", between(0, 87_600)), 0),
  max_deletes_per_run: v.optional(expected("a whole number of at least 0 (0 is no limit)", whole(0)), 100),
  protect: v.optional(expected('a list of ids, hashes or names, ["…"]', v.array(protectEntry)), []),
  discord_webhook_url: v.nullish(url("a webhook")),
  discord_webhook_url_file: v.nullish(path),
  healthcheck_url: v.nullish(url("a healthcheck")),
  arrs: v.optional(arrs, []),
  cycle_seconds: v.optional(cycle, 1800),
  log_level: v.optional(expected("DEBUG, INFO, WARNING or ERROR", logLevel), "INFO"),
  language: v.optional(expected('"en" or "fr"', v.picklist(LANGUAGES)), "en"),
  state_dir: v.nullish(path),
  retry_counts_path: v.nullish(path),
});

/** The config file. `parseSettings` looks for unknown keys, since it can name the closest known one. */
export const configSchema = v.object(settings);

const orNull = <Output>(schema: v.GenericSchema<unknown, Output>) => v.fallback(v.nullable(schema), null);
const usableSchema = v.object({
  ...settings,
  api_keys: v.optional(orNull(v.array(orNull(apiKey)))),
  arrs: v.optional(v.fallback(v.array(orNull(arr)), []), []),
});

/** The config file's content after it was checked: the default, or null for keys and servers, replaces what is wrong. */
export type Settings = v.InferOutput<typeof usableSchema>;

/** Checks the config file's content against the schema and for unknown keys. */
export function parseSettings(content: Record<string, unknown>, problems: Problems): Settings {
  reportUnknownKeys(content, settings, [], problems);
  reportUnknownKeys(content.max_retries, retriesByStatus, ["max_retries"], problems);
  for (const [name, known] of Object.entries({ api_keys: accountEntry, arrs: arrEntry })) {
    const list = content[name];
    if (!Array.isArray(list)) continue;
    for (const [index, entry] of list.entries()) reportUnknownKeys(entry, known, [name, index], problems);
  }
  const usable = { ...content };
  for (const issue of v.safeParse(configSchema, content, { abortPipeEarly: true }).issues ?? []) {
    reportIssue(issue, [], problems);
    const key = `${issue.path?.[0].key}`;
    if (key !== "api_keys" && key !== "arrs") delete usable[key];
  }
  return v.parse(usableSchema, usable);
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

/** What was found, in words: what could be a secret, or a key in the wrong place, by its kind alone. */
function describeValue(value: unknown, path: Place): string {
  if (value === undefined) return "nothing";
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  if (typeof value === "number" && isSecret(path)) return "a number";
  if (typeof value !== "string") return String(value);
  if (value.trim() === "") return "an empty string";
  if (isSecret(path)) return "a string";
  if (/^[-+]?[\d.,]{1,15}$/.test(value)) return `"${value}" in quotes`;
  const isWord = (path[0] === "log_level" || path[0] === "language") && /^[a-z]{1,12}$/i.test(value);
  return isWord ? `"${value}"` : "a string";
}

/**
 * Reports the keys of `value`, if it is an object, that are not among `entries`, with the closest known one. `$schema`
 * and keys that start with `_` (comments) are allowed everywhere.
 */
function reportUnknownKeys(value: unknown, entries: object, path: Place, problems: Problems): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return;
  const known = Object.keys(entries);
  for (const name of Object.keys(value)) {
    if (known.includes(name) || name === "$schema" || name.startsWith("_")) continue;
    const hint = closest(name, known);
    if (showableName(name)) problems.add([...path, name], `unknown key (${hint})`);
    else problems.add(path, `contains an unknown key (${hint})`);
  }
}

/** The environment variables whose names begin with `MAGNETS_`. */
export const VARIABLES = [
  "MAGNETS_CONFIG",
  "MAGNETS_STATE_DIR",
  "MAGNETS_STARTED_BY",
  "MAGNETS_API_URL",
  "MAGNETS_API_KEYS",
  "MAGNETS_API_KEYS_FILE",
  "MAGNETS_DISCORD_WEBHOOK_URL",
  "MAGNETS_DISCORD_WEBHOOK_URL_FILE",
];

/** Warns of variables that look like this program's and are not. */
export function warnUnknownVariables(env: NodeJS.ProcessEnv, problems: Problems): void {
  for (const name of Object.keys(env)) {
    if (!name.startsWith("MAGNETS_") || VARIABLES.includes(name)) continue;
    const shown = /^[A-Z_]{1,60}$/.test(name) ? name : "MAGNETS_…";
    problems.warn([shown], `unknown variable (${closest(name, VARIABLES)})`);
  }
}

/** The known name that is closest, in words. */
function closest(name: string, known: readonly string[]): string {
  const plain = (text: string) =>
    text.slice(0, 100).toLowerCase().replaceAll("-", "_").replace("magnets_", "");
  const best = known
    .map((other) => ({ other, steps: distance(plain(name), plain(other)) }))
    .reduce((a, b) => (b.steps < a.steps ? b : a));
  const isClose = best.steps <= Math.max(2, plain(best.other).length / 3);
  return isClose ? `did you mean ${best.other}?` : `the closest known one is ${best.other}`;
}
