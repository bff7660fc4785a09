import { distance } from "fastest-levenshtein";
import * as v from "valibot";
import { LANGUAGES, LOG_LEVELS } from "../core/settings.ts";
import { isSecret, type Place, type Problems, showableName } from "./problems.ts";

const RETRIES_EXPECTED = 'expected a whole number of at least 1, or {"expired": 3, "error": 5}';
const RETRY_EXPECTED = "expected a whole number of at least 1";
const ENTRY_EXPECTED = 'expected a key, {"name": …, "key": …} or {"name": …, "key_file": …}';
const NAME_EXPECTED = "expected a name of at most 64 characters on one line";
const PROTECT_EXPECTED = "expected an id, a hash or a name";
const ARR_EXPECTED = 'expected {"name": "sonarr", "url": "http://127.0.0.1:8989", "api_key": "…"}';
const LEVEL_EXPECTED = "expected DEBUG, INFO, WARNING or ERROR";

const whole = (least: number, message: string) =>
  v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
const between = (least: number, most: number, message: string) =>
  v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));
// A path with a zero byte can't be passed to the system at all.
const path = v.pipe(v.string("expected a path"), v.regex(/^[^\0]*$/, "expected a path"));
const displayName = v.pipe(
  v.string(NAME_EXPECTED),
  v.maxLength(64, NAME_EXPECTED),
  v.regex(/^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, NAME_EXPECTED),
);
// valibot takes a list for an object.
const object = <const Entries extends v.ObjectEntries>(entries: Entries, message: string) =>
  v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value), message),
    v.object(entries, message),
  );
const described = <const Schema extends v.GenericSchema>(description: string, schema: Schema) =>
  v.pipe(schema, v.description<v.InferOutput<Schema>, string>(description));
const keyFile = described(
  "A file that contains the key and nothing else; relative to this file.",
  v.optional(path),
);

/** The keys of `max_retries` by the status sighted. */
const retriesByStatus = {
  expired: v.optional(whole(1, RETRY_EXPECTED), 5),
  error: v.optional(whole(1, RETRY_EXPECTED), 5),
};

/** The keys of an account in `api_keys` that is more than a bare key. */
const accountEntry = {
  name: described("What the account is called in tables, logs and on Discord.", v.optional(displayName)),
  key: described("The API key.", v.optional(v.string("expected a key"))),
  key_file: keyFile,
};

/** The keys of a server in `arrs`. */
const arrEntry = {
  name: described("What the server is called in logs and on Discord.", displayName),
  url: described(
    "Its address as the browser shows it, with its base path if it has one.",
    v.string("expected the URL of the server"),
  ),
  api_key: described("The API key of its Settings, General.", v.optional(v.string("expected a key"))),
  api_key_file: keyFile,
};

const arrServer = object(arrEntry, ARR_EXPECTED);

const apiKey = v.union([v.string(), object(accountEntry, ENTRY_EXPECTED)], ENTRY_EXPECTED);

const protectEntry = v.union(
  [
    v.pipe(v.string(PROTECT_EXPECTED), v.regex(/\S/, PROTECT_EXPECTED)),
    // Beyond it a number in JSON no longer is the id that was typed.
    v.pipe(whole(0, PROTECT_EXPECTED), v.maxValue(Number.MAX_SAFE_INTEGER, PROTECT_EXPECTED)),
  ],
  PROTECT_EXPECTED,
);

/**
 * The config file, key by key. To add a key, add it here: what is known, checked and described follows. Unknown keys
 * are looked for by `parseSettings`, which can name the closest known one. Strings can be `""` for "not set".
 */
export const configSchema = v.object(
  {
    api_keys: described(
      "The AllDebrid API keys, one for each account.",
      v.optional(v.array(apiKey, 'expected a list of keys, ["…"] or [{"name": "…", "key": "…"}]')),
    ),
    max_retries: described(
      "Number of sightings in failure at which a magnet is deleted; 5 means four restarts, then a deletion.",
      v.optional(
        v.union([whole(1, RETRIES_EXPECTED), object(retriesByStatus, RETRIES_EXPECTED)], RETRIES_EXPECTED),
        5,
      ),
    ),
    min_failing_hours: described(
      "A magnet is not deleted before it has been failing for this many hours.",
      v.optional(between(0, 87_600, "expected a number of hours from 0 to 87600"), 0),
    ),
    max_deletes_per_run: described(
      'If more deletions are due, none is done; 0 is no limit. For none: "protect": ["*"].',
      v.optional(whole(0, "expected a whole number of at least 0 (0 is no limit)"), 100),
    ),
    protect: described(
      "Never deleted: ids, hashes, magnet links, parts of names, or patterns with * and ?.",
      v.optional(v.array(protectEntry, 'expected a list of ids, hashes or names, ["…"]'), []),
    ),
    discord_webhook_url: described(
      "The Discord webhook that deletions are posted to; empty for none.",
      v.nullish(v.string("expected the URL of a webhook")),
    ),
    discord_webhook_url_file: described(
      "A file that contains the webhook's URL; relative to this file.",
      v.nullish(path),
    ),
    healthcheck_url: described(
      "Pinged at the start and at the end of each sweep (Healthchecks, or Uptime Kuma's /api/push/); empty for none.",
      v.nullish(v.string("expected the URL of a healthcheck")),
    ),
    arrs: described(
      "The Sonarrs and Radarrs that are told which downloads were deleted, so that they search again.",
      v.optional(v.array(arrServer, 'expected a list of servers, [{"name": …, "url": …, "api_key": …}]'), []),
    ),
    cycle_seconds: described(
      "How often sweeps are expected, in seconds; the timer schedules them.",
      v.optional(between(1, 2_678_400, "expected a number of seconds from 1 to 2678400 (31 days)"), 1800),
    ),
    log_level: described(
      "DEBUG, INFO, WARNING or ERROR, in any case.",
      v.optional(
        v.pipe(v.string(LEVEL_EXPECTED), v.toUpperCase(), v.picklist(LOG_LEVELS, LEVEL_EXPECTED)),
        "INFO",
      ),
    ),
    language: described(
      "The language of messages on Discord: en or fr.",
      v.optional(v.picklist(LANGUAGES, 'expected "en" or "fr"'), "en"),
    ),
    state_dir: described("The folder for state; relative to this file.", v.nullish(path)),
    retry_counts_path: described(
      "The original program's counters, read once, never written; relative to this file.",
      v.nullish(path),
    ),
  },
  "expected one object in { }",
);

const orNull = <Output>(schema: v.GenericSchema<unknown, Output>) => v.fallback(v.nullable(schema), null);
const usableSchema = v.object({
  ...configSchema.entries,
  api_keys: v.optional(orNull(v.array(orNull(apiKey)))),
  arrs: v.optional(v.fallback(v.array(orNull(arrServer)), []), []),
});

/** The config file's content after it was checked: the default, or null for keys and servers, replaces what is wrong. */
export type Settings = v.InferOutput<typeof usableSchema>;

/** Checks the config file's content against the schema and for unknown keys. */
export function parseSettings(content: Record<string, unknown>, problems: Problems): Settings {
  reportUnknownKeys(content, configSchema.entries, [], problems);
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
