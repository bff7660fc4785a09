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

/** The original program's counters as found while the configuration was read. */
export interface FoundCounters extends LegacyCounters {
  /** `retry_counts_path` names the file; else it is the default beside the configuration. */
  readonly explicit: boolean;
}

/** The whole configuration: parsed, merged with environment and command line, defaults filled in. */
export interface Config {
  /** The file in use; absent when the environment alone configures. */
  readonly file?: string;
  readonly accounts: readonly AccountConfig[];
  /** Sightings at which a magnet is deleted, each ≥ 1. */
  readonly maxRetries: Readonly<Record<FailingStatus, number>>;
  readonly minFailingHours: number;
  /** Per account and sweep; 0 is no limit. */
  readonly maxDeletesPerRun: number;
  readonly protect: readonly string[];
  /** A secret. */
  readonly webhookUrl?: string;
  /** What is pinged at the start and at the end of a sweep. A secret. */
  readonly healthcheckUrl?: string;
  readonly cycleSeconds: number;
  readonly logLevel: LogLevel;
  /** What Discord shows. */
  readonly language: Language;
  /** Absolute. */
  readonly stateDir: string;
  readonly legacyCounters?: FoundCounters;
  /** Without a trailing slash. */
  readonly apiUrl: string;
}

/** Something wrong with the configuration. Its text never holds a secret value. */
export interface Problem {
  /** Where: keys and positions inside the config file, or the name of one environment variable. */
  readonly path: readonly (string | number)[];
  /** The path is inside the config file. */
  readonly inFile: boolean;
  readonly text: string;
}

const SECRET_ROOTS = new Set<string | number | undefined>([
  "api_keys",
  "discord_webhook_url",
  "discord_webhook_url_file",
  "healthcheck_url",
  "MAGNETS_API_KEYS",
  "MAGNETS_DISCORD_WEBHOOK_URL",
]);

/** Whether the path leads to keys, the webhook or the healthcheck: nothing found there may be shown. */
export function isSecretPath(path: readonly (string | number)[]): boolean {
  return SECRET_ROOTS.has(path[0]);
}

/** The problem as one line: `config.json: max_retries: expected …`. `file` is the config file in use. */
export function formatProblem(problem: Problem, file = ""): string {
  const parts = problem.inFile ? [basename(file)] : [];
  if (problem.path.length > 0) parts.push(problem.path.join("."));
  return [...parts, problem.text].join(": ");
}

/** The configuration can't be used. The message lists every problem, a line each, then says what to do. */
export class ConfigError extends UsageError {
  override readonly name = "ConfigError";
  /** One line each, without the advice. */
  readonly problems: readonly string[];
  /** What to do. */
  readonly advice: string | undefined;

  /** `advice` is a sentence; a single problem and its advice share one line. */
  constructor(problems: readonly string[], advice?: string) {
    const separator = problems.length === 1 ? ". " : "\n";
    super(advice === undefined ? problems.join("\n") : `${problems.join("\n")}${separator}${advice}`);
    this.problems = problems;
    this.advice = advice;
  }
}

/** The error that lists all problems of the configuration in `file`, if one is in use. */
export function problemsError(problems: readonly Problem[], file: string | undefined): ConfigError {
  const lines = problems.map((problem) => formatProblem(problem, file));
  const inFile = file !== undefined && problems.some((problem) => problem.inFile);
  const what = problems.length === 1 ? "this" : "these";
  return new ConfigError(lines, `Correct ${what}${inFile ? ` in ${file}` : ""} and try again.`);
}

/** The error for a run without any configuration; it tells how to begin. */
export function nothingFound(lookedFor: readonly string[]): ConfigError {
  return new ConfigError(
    [`no configuration found; looked for ${lookedFor.join(", ")}`],
    'To begin, write {"api_keys": ["YOUR_API_KEY"]} with your key from https://alldebrid.com/apikeys into the first of ' +
      "these files, name another with --config, or set MAGNETS_API_KEYS.",
  );
}
