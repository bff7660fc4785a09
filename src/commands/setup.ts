import { API_URL } from "../config/addresses.ts";
import { type Config, loadConfig } from "../config/load-config.ts";
import { ConfigError } from "../config/problems.ts";
import type { Log } from "../core/ports.ts";
import { countOf } from "../core/text.ts";
import type { ExitCode } from "../errors.ts";
import { findProxy, ProxyError, proxySecrets } from "../http/proxy.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { openStore } from "../state/store.ts";
import { keepRootsCrontab } from "../system/starter.ts";
import type { Invocation } from "./invocation.ts";

/** What a command works with. */
export interface Ready {
  readonly config: Config;
  readonly log: Log;
}

interface SetUpOptions {
  /** False for what works without accounts: whatever is wrong with keys and webhook is then ignored. */
  readonly keysRequired: boolean;
  /** Default: warnings about the configuration are logged. */
  readonly onWarning?: (message: string) => void;
  /** Called before this process becomes the state's owner. */
  readonly onConfig?: (config: Config, log: Log) => void;
}

/**
 * What every command starts with: reads the configuration, makes its secrets known to the redactor and becomes the
 * owner of the state folder. Returns the exit code of the process, if any, that did the whole command as that owner.
 */
export async function setUp(
  invocation: Invocation,
  { keysRequired, onWarning, onConfig }: SetUpOptions,
): Promise<Ready | ExitCode> {
  const { options, env, cwd, redactor } = invocation;
  const { config: configPath, stateDir, logLevel } = options;
  for (const secret of proxySecrets(env)) redactor.add(secret);
  const { config, warnings } = await loadConfig({ configPath, stateDir, logLevel, keysRequired }, env, cwd);
  const keys = [...config.accounts, ...config.arrs].map(({ key }) => key);
  const urls = [config.webhookUrl ?? [], config.healthcheckUrl ?? []].flat();
  for (const secret of [...keys, ...urls]) redactor.add(secret);
  if (keysRequired) requireUsableProxies(config, env);
  const log = invocation.log(config.logLevel);
  for (const message of warnings) (onWarning ?? log.warning)(message);
  onConfig?.(config, log);
  const exitCode = await becomeOwner(config.stateDir, config.file, () => keepRootsCrontab(env));
  return exitCode ?? { config, log };
}

/** Every address that the configuration makes this program ask. */
export function addressesOf({ apiUrl, webhookUrl, healthcheckUrl, arrs }: Config): string[] {
  return [apiUrl, webhookUrl ?? [], healthcheckUrl ?? [], arrs.map(({ url }) => url)].flat();
}

/** A proxy that can't be used is an error before anything is sent, also where only a test's API is on this machine. */
function requireUsableProxies(config: Config, env: NodeJS.ProcessEnv): void {
  const problems = new Set<string>();
  for (const url of [API_URL, ...addressesOf(config)]) {
    try {
      findProxy(new URL(url), env);
    } catch (error) {
      if (!(error instanceof ProxyError)) throw error;
      problems.add(error.message);
    }
  }
  const advice = "Correct this in the environment and try again.";
  if (problems.size > 0) throw new ConfigError([...problems], advice);
}

/** Opens all state; `write` needs the lock. A `log` receives what was wrong with the files. Throws a `StateError`. */
export async function openState({ stateDir, legacyCounters }: Config, mode: "read" | "write", log?: Log) {
  const store = await openStore({ folder: stateDir, mode, now: () => new Date(), legacyCounters });
  for (const { message, severity } of store.problems) log?.[severity](message);
  if (store.importedFrom !== undefined) {
    const what = `${countOf(store.counters.size, "counter")} from ${store.importedFrom}`;
    log?.info(mode === "write" ? `took over ${what}` : `the first sweep will take over ${what}`);
  }
  return store;
}
