import { basename } from "node:path";
import { UsageError } from "../errors.ts";

/** The configuration can't be used. The message lists every problem, a line each, then says what to do. */
export class ConfigError extends UsageError {
  override readonly name = "ConfigError";
  /** One line each, without the advice. */
  readonly problems: readonly string[];
  /** What to do, a sentence. */
  readonly advice: string | undefined;

  /** A single problem and its advice share one line. */
  constructor(problems: readonly string[], advice?: string, options?: ErrorOptions) {
    super([problems.join("\n"), advice ?? []].flat().join(problems.length === 1 ? ". " : "\n"), options);
    this.problems = problems;
    this.advice = advice;
  }
}

/**
 * Where something is wrong: keys and positions (from 0) inside the config file, or an environment variable or option,
 * maybe with a position inside it.
 */
export type Place = readonly (string | number)[];

const SECRETS = /^(?:MAGNETS_)?(api_keys|arrs|discord_webhook_url|healthcheck_url)(?:_file)?$/i;

/** Whether keys, the webhook, the healthcheck or servers are configured there: no value found there may be shown. */
export function isSecret([first]: Place): boolean {
  return SECRETS.test(`${first}`);
}

/** An environment variable or an option of the command line. */
export function isOutside([first]: Place): boolean {
  return /^(MAGNETS_|STATE_DIRECTORY|--)/.test(`${first}`);
}

/** Whether a name in the config file may be shown: a key typed on the wrong side of a colon contains digits. */
export function showableName(name: string): boolean {
  return /^[a-z_$][a-z_ $.-]{0,39}$/i.test(name);
}

/** Such as `max_retries.expired`, or `api_keys: key 1, name`: people count from 1, as in `account 1`. */
function describePlace(place: Place): string {
  const item = place[0] === "protect" || place[0] === "arrs" ? "entry" : "key";
  return place.reduce<string>((text, step, index) => {
    if (typeof step === "number") return `${text}: ${item} ${step + 1}`;
    if (text === "") return step;
    if (typeof place[index - 1] !== "number") return `${text}.${step}`;
    return step === item ? text : `${text}, ${step}`;
  }, "");
}

/** What the parts of a configuration are read from, and where problems go. */
export interface Sources {
  /** Where the config file's relative paths start; where there is none, like `cwd`. */
  readonly folder: string | undefined;
  /** Where those of the environment start; absent where the working directory was deleted. */
  readonly cwd: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly problems: Problems;
}

export type Problems = ReturnType<typeof collectProblems>;

/**
 * Collects what is wrong with a configuration, and what its owner should know about one that can be used: a line
 * each, such as `config.json: max_retries: expected …`, that never shows a secret. `file` is the config file in use.
 * Without the need for keys, errors at the places of secrets are ignored.
 */
export function collectProblems(file: string | undefined, keysRequired: boolean) {
  const errors: string[] = [];
  const warnings: string[] = [];
  const ignored = new Set<string>();
  const settled = new Set<string>();
  const filePrefix = `${basename(file ?? "")}: `;

  const line = (place: Place, text: string) => {
    const where = describePlace(place);
    // `key 1 is …`, but `max_retries: expected …`.
    const end = / \d+$/.test(where) && /^(is|contains|looks|begins) /.test(text) ? " " : ": ";
    return `${isOutside(place) ? "" : filePrefix}${where && where + end}${text}`;
  };

  const configError = () => {
    const these = errors.length === 1 ? "this" : "these";
    const where = errors.some((error) => error.startsWith(filePrefix)) ? ` in ${file}` : "";
    return new ConfigError(errors, `Correct ${these}${where} and try again.`);
  };

  /** Adds an error; `text` says what is wrong, then what to do. Returns undefined, in place of the value. */
  const add = (place: Place, text: string): undefined => {
    const [, secret] = SECRETS.exec(`${place[0]}`) ?? [];
    if (!keysRequired && secret !== undefined) ignored.add(secret.toLowerCase());
    else if (!settled.has(describePlace(place))) errors.push(line(place, text));
  };

  return {
    warnings,
    /** Every file that was read, or should have been. */
    files: [] as string[],
    /** The keys of the config file whose errors were ignored so far, also where the environment sets them. */
    ignored,
    add,
    /** Adds an error that explains all others at the same place, which are not added any more. */
    addOnly(place: Place, text: string): void {
      add(place, text);
      settled.add(describePlace(place));
    },
    warn(place: Place, text: string): void {
      warnings.push(line(place, text));
    },
    /** Throws `ConfigError` with all errors, if there are any. */
    throwErrors(): void {
      if (errors.length > 0) throw configError();
    },
    /** Adds the error that ends the reading; returns what to throw: all errors up to this one. */
    fatal(place: Place, text: string): ConfigError {
      add(place, text);
      return configError();
    },
  };
}
