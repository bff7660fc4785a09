import { dirname, join } from "node:path";
import { checkEntry } from "../core/protection.ts";
import { LOG_LEVELS } from "../core/settings.ts";
import { UsageError } from "../errors.ts";
import { sudo } from "../permissions.ts";
import { readAccounts } from "./accounts.ts";
import { readApiUrl, readHealthcheckUrl, readWebhookUrl } from "./addresses.ts";
import { readArrs } from "./arrs.ts";
import { findConfig, readConfigFile, SYSTEM_CONFIG } from "./config-file.ts";
import { explainBadPath, readLegacyCounters, resolvePath, secretVariable, xdgFolder } from "./files.ts";
import { ConfigError, collectProblems, type Sources } from "./problems.ts";
import { parseSettings, warnUnknownVariables } from "./schema.ts";

/** What the command line says about the configuration: `--config`, `--state-dir`, `--log-level`. */
interface LoadOptions {
  readonly configPath?: string | undefined;
  readonly stateDir?: string | undefined;
  readonly logLevel?: string | undefined;
  /** False for what works without accounts: problems with keys, webhook, healthcheck and arrs are then ignored. */
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
  const optionLevel = LOG_LEVELS.find((name) => name === options.logLevel?.toUpperCase());
  if (options.logLevel !== undefined && optionLevel === undefined) {
    const shown = /^\w{1,12}$/.test(options.logLevel) ? `, got ${options.logLevel}` : "";
    throw new UsageError(`--log-level: expected DEBUG, INFO, WARNING or ERROR${shown}`);
  }
  const { file, lookedFor } = findConfig(options.configPath, env, cwd);
  const isSet = (name: string) => secretVariable(name, env) !== undefined;
  const problems = collectProblems(file, options.keysRequired);
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
  const sources = { folder: file === undefined ? cwd : dirname(file), cwd, env, problems };
  const stateDir = chooseStateDir(options.stateDir, settings.state_dir, file, sources);
  if (content.max_deletes_per_run === 0) {
    const advice = 'to have nothing deleted, write "protect": ["*"]';
    problems.warn(["max_deletes_per_run"], `0 is no limit; ${advice}`);
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
    /** How the reader of messages calls this program: with sudo where its configuration or state is the service's. */
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
    legacyCounters:
      file === undefined ? undefined : readLegacyCounters(settings.retry_counts_path, file, sources),
    /** Without a trailing slash. */
    apiUrl: readApiUrl(env, problems),
  };
  problems.throwErrors();
  return { config, warnings: problems.warnings };
}

const SERVICE_STATE = "/var/lib/magnets";

/**
 * Chooses the state folder from `--state-dir`, the environment, `state_dir` and the config file in use; the result is
 * absolute. Throws `ConfigError` for an empty `--state-dir`.
 */
export function chooseStateDir(
  option: string | undefined,
  setting: string | null | undefined,
  configFile: string | undefined,
  { folder, cwd, env, problems }: Sources,
): string {
  if (option === "") throw new ConfigError(["--state-dir: expected a path"]);
  const given = [
    { name: "--state-dir", path: option, base: cwd },
    { name: "MAGNETS_STATE_DIR", path: env.MAGNETS_STATE_DIR, base: cwd },
    // systemd lists several folders separated by colons (systemd.exec, StateDirectory=).
    { name: "STATE_DIRECTORY", path: env.STATE_DIRECTORY?.split(":")[0], base: cwd },
    { name: "state_dir", path: setting, base: folder },
  ];
  for (const { name, path } of given) {
    const wrong = explainBadPath(path ?? "");
    if (wrong !== undefined) problems.add([name], wrong);
  }
  const { path, base } = given.find((one) => one.path) ?? {};
  if (path) return resolvePath(path, base, env);
  if (configFile === SYSTEM_CONFIG) return SERVICE_STATE;
  return join(xdgFolder(env.XDG_STATE_HOME, ".local/state", env), "magnets");
}
