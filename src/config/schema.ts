import * as v from "valibot";
import { LANGUAGES, LOG_LEVELS } from "../core/settings.ts";

const RETRIES_EXPECTED = 'expected a whole number of at least 1, or {"expired": 3, "error": 5}';
const ENTRY_EXPECTED = 'expected a key, {"name": …, "key": …} or {"name": …, "key_file": …}';
const NAME_EXPECTED = "expected a name of at most 64 characters on one line";
const PROTECT_EXPECTED = "expected an id, a hash or a name";
const PATH_EXPECTED = "expected a path";

const whole = (least: number, message: string) =>
  v.pipe(v.number(message), v.integer(message), v.minValue(least, message));
const between = (least: number, most: number, message: string) =>
  v.pipe(v.number(message), v.minValue(least, message), v.maxValue(most, message));
// A path with a zero byte can't be passed to the system at all.
const path = v.pipe(v.string(PATH_EXPECTED), v.regex(/^[^\0]*$/, PATH_EXPECTED));
// valibot takes a list for an object.
const object = <const Entries extends v.ObjectEntries>(entries: Entries, message: string) =>
  v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value), message),
    v.object(entries, message),
  );

/** The keys of `max_retries` by the status sighted. */
export const retriesByStatus = {
  expired: v.optional(whole(1, "expected a whole number of at least 1"), 5),
  error: v.optional(whole(1, "expected a whole number of at least 1"), 5),
};

const displayName = v.pipe(
  v.string(NAME_EXPECTED),
  v.maxLength(64, NAME_EXPECTED),
  v.regex(/^(?=.*\S)[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$/, NAME_EXPECTED),
);

/** The keys of an account in `api_keys` that is more than a bare key. */
export const accountEntry = {
  name: v.optional(
    v.pipe(displayName, v.description("What the account is called in tables, logs and on Discord.")),
  ),
  key: v.optional(v.pipe(v.string("expected a key"), v.description("The API key."))),
  key_file: v.optional(
    v.pipe(path, v.description("A file that contains the key and nothing else; relative to this file.")),
  ),
};

const ARR_EXPECTED = 'expected {"name": "sonarr", "url": "http://127.0.0.1:8989", "api_key": "…"}';

/** The keys of a server in `arrs`. */
export const arrEntry = {
  name: v.pipe(displayName, v.description("What the server is called in logs and on Discord.")),
  url: v.pipe(
    v.string("expected the URL of the server"),
    v.description("Its address as the browser shows it, with its base path if it has one."),
  ),
  api_key: v.optional(
    v.pipe(v.string("expected a key"), v.description("The API key of its Settings, General.")),
  ),
  api_key_file: v.optional(
    v.pipe(path, v.description("A file that contains the key and nothing else; relative to this file.")),
  ),
};

/** An entry of `arrs`. */
export const arrServer = object(arrEntry, ARR_EXPECTED);

/** An entry of `api_keys`. */
export const apiKey = v.union([v.string(), object(accountEntry, ENTRY_EXPECTED)], ENTRY_EXPECTED);

/**
 * The config file, key by key. To add a key, add it here: what is known, checked and described follows. Unknown keys
 * are looked for by `parseSettings`, which can name the closest known one. Strings can be `""` for "not set".
 */
export const configSchema = v.object(
  {
    api_keys: v.optional(
      v.pipe(
        v.array(apiKey, 'expected a list of keys, ["…"] or [{"name": "…", "key": "…"}]'),
        v.description("The AllDebrid API keys, one for each account."),
      ),
    ),
    max_retries: v.optional(
      v.pipe(
        v.union([whole(1, RETRIES_EXPECTED), object(retriesByStatus, RETRIES_EXPECTED)], RETRIES_EXPECTED),
        v.description(
          "Number of sightings in failure at which a magnet is deleted; 5 means four restarts, then a deletion.",
        ),
      ),
      5,
    ),
    min_failing_hours: v.optional(
      v.pipe(
        between(0, 87_600, "expected a number of hours from 0 to 87600"),
        v.description("A magnet is not deleted before it has been failing for this many hours."),
      ),
      0,
    ),
    max_deletes_per_run: v.optional(
      v.pipe(
        whole(0, "expected a whole number of at least 0 (0 is no limit)"),
        v.description('If more deletions are due, none is done; 0 is no limit. For none: "protect": ["*"].'),
      ),
      100,
    ),
    protect: v.optional(
      v.pipe(
        v.array(
          v.union(
            [
              v.pipe(v.string(PROTECT_EXPECTED), v.regex(/\S/, PROTECT_EXPECTED)),
              // Beyond it a number in JSON no longer is the id that was typed.
              v.pipe(whole(0, PROTECT_EXPECTED), v.maxValue(Number.MAX_SAFE_INTEGER, PROTECT_EXPECTED)),
            ],
            PROTECT_EXPECTED,
          ),
          'expected a list of ids, hashes or names, ["…"]',
        ),
        v.description("Never deleted: ids, hashes, magnet links, parts of names, or patterns with * and ?."),
      ),
      [],
    ),
    discord_webhook_url: v.nullish(
      v.pipe(
        v.string("expected the URL of a webhook"),
        v.description("The Discord webhook that deletions are posted to; empty for none."),
      ),
    ),
    discord_webhook_url_file: v.nullish(
      v.pipe(path, v.description("A file that contains the webhook's URL; relative to this file.")),
    ),
    healthcheck_url: v.nullish(
      v.pipe(
        v.string("expected the URL of a healthcheck"),
        v.description(
          "Pinged at the start and at the end of each sweep (Healthchecks, or Uptime Kuma's /api/push/); empty for none.",
        ),
      ),
    ),
    arrs: v.optional(
      v.pipe(
        v.array(arrServer, 'expected a list of servers, [{"name": …, "url": …, "api_key": …}]'),
        v.description(
          "The Sonarrs and Radarrs that are told which downloads were deleted, so that they search again.",
        ),
      ),
      [],
    ),
    cycle_seconds: v.optional(
      v.pipe(
        between(1, 2_678_400, "expected a number of seconds from 1 to 2678400 (31 days)"),
        v.description("How often sweeps are expected, in seconds; the timer schedules them."),
      ),
      1800,
    ),
    log_level: v.optional(
      v.pipe(
        v.string("expected DEBUG, INFO, WARNING or ERROR"),
        v.toUpperCase(),
        v.picklist(LOG_LEVELS, "expected DEBUG, INFO, WARNING or ERROR"),
        v.description("DEBUG, INFO, WARNING or ERROR, in any case."),
      ),
      "INFO",
    ),
    language: v.optional(
      v.pipe(
        v.picklist(LANGUAGES, 'expected "en" or "fr"'),
        v.description("The language of messages on Discord: en or fr."),
      ),
      "en",
    ),
    state_dir: v.nullish(v.pipe(path, v.description("The folder for state; relative to this file."))),
    retry_counts_path: v.nullish(
      v.pipe(
        path,
        v.description("The original program's counters, read once, never written; relative to this file."),
      ),
    ),
  },
  "expected one object in { }",
);
