import { dirname, join } from "node:path";
import { checkEntry } from "../core/protection.ts";
import { LOG_LEVELS, type LogLevel } from "../core/settings.ts";
import { UsageError } from "../errors.ts";
import { sudo } from "../permissions.ts";
import { readAccounts } from "./accounts.ts";
import { readApiUrl, readHealthcheckUrl, readWebhookUrl } from "./addresses.ts";
import { readArrs } from "./arrs.ts";
import { findConfig, readConfigFile, SYSTEM_CONFIG } from "./config-file.ts";
import { explainBadPath, readLegacyCounters, resolvePath, secretVariable, xdgFolder } from "./files.ts";
import { ConfigError, Problems } from "./problems.ts";
import { parseSettings, warnUnknownVariables } from "./schema.ts";

/** What the command line says about the configuration: `--config`, `--state-dir`, `--log-level`. */
interface LoadOptions {
  readonly configPath?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly logLevel?: string | undefined;
  /** False for what works without accounts: whatever is wrong with keys, webhook and healthcheck is then ignored. */
  readonly keysRequired: boolean;
}

/** The whole configuration: parsed, merged with environment and command line, defaults filled in. */
export type Config = Readonly<Awaited<ReturnType<typeof loadConfig>>["config"]>;

/**
 * Finds, reads and checks the configuration and merges it with environment and command line. Returns it with a line for
 * each thing that its owner should know. Throws `ConfigError` with every problem at once, `UsageError` for a wrong
 * option. Neither errors nor warnings contain a secret.
 */
export async function loadConfig(options: LoadOptions, env: NodeJS.ProcessEnv, cwd: string | undefined) {
  const optionLevel = parseLogLevel(options.logLevel);
  const { file, lookedFor } = findConfig(options.configPath, env, cwd);
  const isSet = (name: string) => secretVariable(name, env) !== undefined;
  const problems = new Problems(file, options.keysRequired);
  warnUnknownVariables(env, problems);
  if (file === undefined && options.keysRequired && !isSet("MAGNETS_API_KEYS")) {
    throw new ConfigError(
      [...problems.warnings, `no configuration found; looked for ${lookedFor.join(", ")}`],
      'To start, write {"api_keys": ["YOUR_API_KEY"]} with your key from https://alldebrid.com/apikeys to the first of ' +
        "these files, name another with --config, or set MAGNETS_API_KEYS.",
    );
  }
  const content = file === undefined ? {} : readConfigFile(file, problems);
  // What the environment replaces need not be right in the file.
  if (isSet("MAGNETS_API_KEYS")) delete content.api_keys;
  if (isSet("MAGNETS_DISCORD_WEBHOOK_URL")) {
    delete content.discord_webhook_url;
    delete content.discord_webhook_url_file;
  }
  const settings = parseSettings(content, problems);
  const folder = file === undefined ? cwd : dirname(file);
  const sources = { folder, cwd, env, problems };
  const { MAGNETS_STATE_DIR } = env;
  const stateDirs = { "--state-dir": options.stateDir, MAGNETS_STATE_DIR, state_dir: settings.state_dir };
  for (const [name, path] of Object.entries(stateDirs)) {
    const wrong = explainBadPath(path ?? "");
    if (wrong !== undefined) problems.add([name], wrong);
  }
  const chosen = { option: options.stateDir, setting: settings.state_dir, configFile: file };
  const stateDir = chooseStateDir(chosen, env, cwd);
  if (content.max_deletes_per_run === 0) {
    const text = '0 is no limit; to have nothing deleted, write "protect": ["*"]';
    problems.warn(["max_deletes_per_run"], text);
  }
  const { max_retries: retries } = settings;
  const protect = settings.protect.map((entry) => String(entry).trim());
  for (const [index, entry] of protect.entries()) {
    const { mistake, doubt } = checkEntry(entry);
    if (mistake !== undefined) problems.add(["protect", index], mistake);
    if (doubt !== undefined) problems.warn(["protect", index], doubt);
  }
  const accounts = readAccounts(settings.api_keys, sources);
  const arrs = readArrs(settings.arrs, sources);
  const config = {
    /** The file in use; undefined when the environment alone configures. */
    file,
    accounts,
    /** False where keys were not required and one of them, or their whole list, could not be read. */
    allKeysRead: !problems.ignored.has("api_keys"),
    maxRetries: typeof retries === "number" ? { expired: retries, error: retries } : retries,
    minFailingHours: settings.min_failing_hours,
    maxDeletes: settings.max_deletes_per_run,
    protect,
    /** Every file that was read for it, which whoever sweeps has to be able to read. */
    files: problems.files,
    /** How its reader calls this program: with sudo before it for the service's. */
    command: file === SYSTEM_CONFIG || stateDir === SERVICE_STATE ? `${sudo()}magnets` : "magnets",
    /** A secret. */
    webhookUrl: readWebhookUrl(settings, sources),
    /** A secret. */
    healthcheckUrl: readHealthcheckUrl(settings, problems),
    arrs,
    /** False where keys were not required and something was wrong with `arrs`. */
    allArrsRead: !problems.ignored.has("arrs"),
    cycleSeconds: settings.cycle_seconds,
    logLevel: optionLevel ?? settings.log_level,
    language: settings.language,
    /** Absolute. */
    stateDir,
    legacyCounters: readLegacyCounters(settings.retry_counts_path, file, stateDir, env, problems),
    /** Without a trailing slash. */
    apiUrl: readApiUrl(env, problems),
  };
  problems.throwErrors();
  return { config, warnings: problems.warnings };
}

const SERVICE_STATE = "/var/lib/magnets";

// In any case.
function parseLogLevel(text: string | undefined): LogLevel | undefined {
  const level = LOG_LEVELS.find((name) => name === text?.toUpperCase());
  if (text === undefined || level !== undefined) return level;
  const shown = /^\w{1,12}$/.test(text) ? `, got ${text}` : "";
  throw new UsageError(`--log-level: expected DEBUG, INFO, WARNING or ERROR${shown}`);
}

/**
 * Chooses the state folder from `--state-dir`, the environment, `state_dir` and the config file in use; the result is
 * absolute. Throws `ConfigError` for an empty `--state-dir`.
 */
export function chooseStateDir(
  sources: {
    option?: string | undefined;
    setting?: string | null | undefined;
    configFile?: string | undefined;
  },
  env: NodeJS.ProcessEnv,
  cwd: string | undefined,
): string {
  const { option, setting, configFile } = sources;
  if (option === "") throw new ConfigError(["--state-dir: expected a path"]);
  // systemd lists several folders separated by colons (systemd.exec, StateDirectory=).
  const systemd = env.STATE_DIRECTORY?.split(":")[0];
  const given = option || env.MAGNETS_STATE_DIR || systemd;
  if (given) return resolvePath(given, cwd, env);
  if (setting && configFile !== undefined) return resolvePath(setting, dirname(configFile), env);
  if (configFile === SYSTEM_CONFIG) return SERVICE_STATE;
  return join(xdgFolder("XDG_STATE_HOME", ".local/state", env), "magnets");
}
