import { basename } from "node:path";
import type { FailingStatus } from "../core/magnet.ts";
import type { Language, LegacyCounters, LogLevel } from "../core/settings.ts";
import { UsageError } from "../errors.ts";

/** One AllDebrid account as the configuration names it. */
export interface AccountConfig {
  /** The name given in the configuration, else `account N` by position. */
  readonly name: string;
  /** The API key: a secret. */
  readonly key: string;
  /** First 16 hex digits of the key's SHA-256: what state knows the account by. */
  readonly fingerprint: string;
}

/** The whole configuration: parsed, merged with environment and command line, defaults filled in. */
export interface Config {
  /** The file in use; absent when the environment alone configures. */
  readonly file?: string | undefined;
  readonly accounts: readonly AccountConfig[];
  /** False where keys were not required and one of them, or their whole list, could not be read. */
  readonly allKeysRead: boolean;
  /** Sightings at which a magnet is deleted, each ≥ 1. */
  readonly maxRetries: Readonly<Record<FailingStatus, number>>;
  readonly minFailingHours: number;
  /** Per account and sweep; 0 is no limit. */
  readonly maxDeletesPerRun: number;
  readonly protect: readonly string[];
  /** A secret. */
  readonly webhookUrl?: string | undefined;
  /** Pinged at the start and at the end of a sweep. A secret. */
  readonly healthcheckUrl?: string | undefined;
  readonly cycleSeconds: number;
  readonly logLevel: LogLevel;
  /** The language of messages on Discord. */
  readonly language: Language;
  /** Absolute. */
  readonly stateDir: string;
  /** The original program's counters as found while the configuration was read. */
  readonly legacyCounters?: LegacyCounters | undefined;
  /** Without a trailing slash. */
  readonly apiUrl: string;
}

/** The configuration can't be used. The message lists every problem, a line each, then says what to do. */
export class ConfigError extends UsageError {
  override readonly name = "ConfigError";
  /** One line each, without the advice. */
  readonly problems: readonly string[];
  /** What to do. */
  readonly advice: string | undefined;

  /** `advice` is a sentence; a single problem and its advice share one line. */
  constructor(problems: readonly string[], advice?: string, options?: ErrorOptions) {
    const separator = problems.length === 1 ? ". " : "\n";
    super([problems.join("\n"), ...(advice === undefined ? [] : [advice])].join(separator), options);
    this.problems = problems;
    this.advice = advice;
  }
}

/** Where something is wrong: an environment variable by name, or keys and positions inside the config file. */
export type Place = string | readonly (string | number)[];

const SECRETS = new Set<string | number | undefined>([
  "api_keys",
  "discord_webhook_url",
  "discord_webhook_url_file",
  "healthcheck_url",
  "MAGNETS_API_KEYS",
  "MAGNETS_DISCORD_WEBHOOK_URL",
]);

/** Whether keys, the webhook or the healthcheck are configured there: no value found there may be shown. */
export function isSecret(place: Place): boolean {
  return SECRETS.has(typeof place === "string" ? place : place[0]);
}

/**
 * Collects what is wrong with a configuration, and what its owner should know about one that can be used: a line
 * each, such as `config.json: max_retries: expected …`, that never shows a secret.
 */
export class Problems {
  readonly warnings: string[] = [];
  readonly #errors: string[] = [];
  readonly #file: string | undefined;
  readonly #keysRequired: boolean;
  #inFile = false;
  #ignoredKeys = false;

  /** `file` is the config file in use. Without the need for keys, errors at the places of secrets are ignored. */
  constructor(file: string | undefined, keysRequired: boolean) {
    this.#file = file;
    this.#keysRequired = keysRequired;
  }

  /** Adds an error; `text` says what is wrong, then what to do. Returns undefined, in place of the value. */
  add(place: Place, text: string): undefined {
    if (!this.#keysRequired && isSecret(place)) {
      this.#ignoredKeys ||= /^(MAGNETS_)?API_KEYS/i.test(
        String(typeof place === "string" ? place : place[0]),
      );
      return;
    }
    this.#errors.push(this.#line(place, text));
    this.#inFile ||= typeof place !== "string";
  }

  warn(place: Place, text: string): void {
    this.warnings.push(this.#line(place, text));
  }

  /** Whether an error in the API keys was ignored so far. */
  get ignoredKeys(): boolean {
    return this.#ignoredKeys;
  }

  /** Throws `ConfigError` with all errors, if there are any. */
  throwErrors(): void {
    if (this.#errors.length > 0) throw this.#configError();
  }

  /** Adds the error that ends the reading; returns what to throw: all errors up to this one. */
  fatal(place: Place, text: string): ConfigError {
    this.add(place, text);
    return this.#configError();
  }

  #configError(): ConfigError {
    const these = this.#errors.length === 1 ? "this" : "these";
    const where = this.#inFile ? ` in ${this.#file}` : "";
    return new ConfigError(this.#errors, `Correct ${these}${where} and try again.`);
  }

  #line(place: Place, text: string): string {
    if (typeof place === "string") return `${place}: ${text}`;
    return [basename(this.#file ?? ""), ...(place.length > 0 ? [place.join(".")] : []), text].join(": ");
  }
}
