import type { Config } from "../config/config.ts";
import { loadConfig } from "../config/load-config.ts";
import type { OpenedStore } from "../state/open-store.ts";
import type { Log } from "../terminal/log.ts";
import type { Invocation } from "./invocation.ts";

/** What every command begins with. */
export interface Beginning {
  readonly config: Config;
  readonly log: Log;
}

/**
 * Reads the configuration, makes its secrets known to the redactor and logs its warnings.
 * @throws ConfigError, UsageError
 */
export async function begin(invocation: Invocation, needs: { keysRequired: boolean }): Promise<Beginning> {
  const { options, env, cwd, redactor } = invocation;
  const { config, warnings } = await loadConfig(
    { configPath: options.config, stateDir: options.stateDir, logLevel: options.logLevel, ...needs },
    env,
    cwd,
  );
  for (const { key } of config.accounts) redactor.add(key);
  if (config.webhookUrl !== undefined) redactor.add(config.webhookUrl);
  if (config.healthcheckUrl !== undefined) redactor.add(config.healthcheckUrl);
  const log = invocation.log(config.logLevel);
  for (const warning of warnings) log.warning(warning);
  return { config, log };
}

/** Logs what was wrong with state files, and where counters were taken over from; true when something was lost. */
export function reportProblems(store: OpenedStore, log: Log): boolean {
  for (const { message, severity } of store.problems) log[severity](message);
  if (store.importedFrom !== undefined) {
    log.info(`took over ${store.counters.size} counters from ${store.importedFrom}`);
  }
  return store.problems.some((problem) => problem.severity === "error");
}
