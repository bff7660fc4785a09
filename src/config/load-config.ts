import { LOG_LEVELS, type LogLevel } from "../core/settings.ts";
import { UsageError } from "../errors.ts";
import { collectAccounts, keysFromEnvironment, keysFromFile } from "./accounts.ts";
import { chooseApiUrl, chooseHealthcheck, chooseWebhook } from "./addresses.ts";
import {
  type Config,
  type FoundCounters,
  formatProblem,
  isSecretPath,
  nothingFound,
  type Problem,
  problemsError,
} from "./config.ts";
import { chooseStateDir, findConfig } from "./paths.ts";
import { accessWarning, readConfigFile, readLegacyCounters } from "./read-files.ts";
import type { Settings } from "./schema.ts";
import { parseSettings } from "./settings.ts";

/** Reads `--log-level`, in any case. Throws `UsageError` for what is no level. */
export function parseLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text.toUpperCase());
  if (level !== undefined) return level;
  const shown = /^\w{1,12}$/.test(text) ? `, got ${text}` : "";
  throw new UsageError(`--log-level: expected DEBUG, INFO, WARNING or ERROR${shown}`);
}

/** What the command line says about the configuration. */
export interface LoadOptions {
  /** `--config`. */
  readonly configPath?: string | undefined;
  /** `--state-dir`. */
  readonly stateDir?: string | undefined;
  /** `--log-level`. */
  readonly logLevel?: string | undefined;
  /** False for what works without accounts: whatever is wrong with keys and webhook is then passed over. */
  readonly keysRequired: boolean;
}

/** A configuration that can be used, and one line for each thing that its owner should know. */
export interface LoadedConfig {
  readonly config: Config;
  readonly warnings: string[];
}

/**
 * Finds, reads and checks the configuration and merges it with environment and command line. Throws `ConfigError`
 * with every problem at once, `UsageError` for a wrong option. Neither errors nor warnings hold a secret.
 */
export async function loadConfig(
  options: LoadOptions,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<LoadedConfig> {
  const optionLevel = options.logLevel === undefined ? undefined : parseLogLevel(options.logLevel);
  const { file, lookedFor } = findConfig(options.configPath, env, cwd);
  const environmentKeys = keysFromEnvironment(env);
  if (file === undefined && environmentKeys === undefined && options.keysRequired)
    throw nothingFound(lookedFor);

  const read = file === undefined ? { content: {}, mode: 0 } : await readConfigFile(file);
  const { settings, badEntries, problems: shape } = parseSettings(read.content);
  const keys =
    environmentKeys ??
    (file === undefined ? NO_KEYS : keysFromFile(settings.api_keys, badEntries, file, env));
  const accounts = collectAccounts(keys.candidates);
  const webhook = chooseWebhook(settings, file, env);
  const healthcheck = chooseHealthcheck(settings);
  const api = chooseApiUrl(env);
  const stateDir = chooseStateDir(
    { option: options.stateDir, setting: settings.state_dir, configFile: file },
    env,
    cwd,
  );

  const problems = [
    ...shape.filter((problem) => !isOverridden(problem, env)),
    ...[...keys.problems, ...accounts.problems].sort(byPosition),
    ...webhook.problems,
    ...healthcheck.problems,
    ...api.problems,
  ].filter((problem) => options.keysRequired || !isSecretPath(problem.path));
  if (problems.length > 0) throw problemsError(problems, file);

  const legacyCounters =
    file === undefined ? undefined : readLegacyCounters(settings.retry_counts_path, file, stateDir, env);
  const warnings: Problem[] = [
    ...accessWarnings(file, read.mode),
    ...keys.warnings,
    ...accounts.warnings,
    ...webhook.warnings,
    ...healthcheck.warnings,
    ...missingCounters(legacyCounters),
  ];
  return {
    config: {
      ...(file === undefined ? {} : { file }),
      accounts: accounts.accounts,
      maxRetries: byStatus(settings.max_retries),
      minFailingHours: settings.min_failing_hours,
      maxDeletesPerRun: settings.max_deletes_per_run,
      protect: settings.protect.map((entry) => String(entry).trim()),
      ...(webhook.url === undefined ? {} : { webhookUrl: webhook.url }),
      ...(healthcheck.url === undefined ? {} : { healthcheckUrl: healthcheck.url }),
      cycleSeconds: settings.cycle_seconds,
      logLevel: optionLevel ?? settings.log_level,
      language: settings.language,
      stateDir,
      ...(legacyCounters === undefined ? {} : { legacyCounters }),
      apiUrl: api.apiUrl,
    },
    warnings: warnings.map((warning) => formatProblem(warning, file)),
  };
}

const NO_KEYS = { candidates: [], problems: [], warnings: [] };

function accessWarnings(file: string | undefined, mode: number): Problem[] {
  const text = file === undefined ? undefined : accessWarning(file, mode);
  return text === undefined ? [] : [{ inFile: true, path: [], text }];
}

function missingCounters(found: FoundCounters | undefined): Problem[] {
  if (!found?.explicit || found.text !== undefined || found.error !== undefined) return [];
  const text = `there is no file ${found.path}: no earlier counters are taken over`;
  return [{ inFile: true, path: ["retry_counts_path"], text }];
}

function byStatus(maxRetries: Settings["max_retries"]): Config["maxRetries"] {
  return typeof maxRetries === "number" ? { expired: maxRetries, error: maxRetries } : maxRetries;
}

function byPosition(a: Problem, b: Problem): number {
  return Number(a.path[1] ?? 0) - Number(b.path[1] ?? 0);
}

// What the environment replaces need not be right in the file.
function isOverridden({ path: [root] }: Problem, env: NodeJS.ProcessEnv): boolean {
  if (root === "api_keys") return Boolean(env.MAGNETS_API_KEYS?.trim());
  const webhook = root === "discord_webhook_url" || root === "discord_webhook_url_file";
  return webhook && Boolean(env.MAGNETS_DISCORD_WEBHOOK_URL?.trim());
}
