import type { Config } from "../config/config.ts";
import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import { countOf } from "../core/count-of.ts";
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
  const { config, warnings } = await readConfig(invocation, needs);
  const log = invocation.log(config.logLevel);
  for (const warning of warnings) log.warning(warning);
  return { config, log };
}

/**
 * Reads the configuration and makes its secrets known to the redactor.
 * @throws ConfigError, UsageError
 */
export async function readConfig(
  { options, env, cwd, redactor }: Invocation,
  needs: { keysRequired: boolean },
): Promise<LoadedConfig> {
  const loaded = await loadConfig(
    { configPath: options.config, stateDir: options.stateDir, logLevel: options.logLevel, ...needs },
    env,
    cwd,
  );
  const { accounts, webhookUrl, healthcheckUrl } = loaded.config;
  for (const { key } of accounts) redactor.add(key);
  if (webhookUrl !== undefined) redactor.add(webhookUrl);
  if (healthcheckUrl !== undefined) redactor.add(healthcheckUrl);
  return loaded;
}

/** Logs what was wrong with state files, and where counters were taken over from; true when something was lost. */
export function reportProblems(store: OpenedStore, log: Log, mode: "read" | "write"): boolean {
  for (const { message, severity } of store.problems) log[severity](message);
  if (store.importedFrom !== undefined) {
    const what = `${countOf(store.counters.size, "counter")} from ${store.importedFrom}`;
    log.info(mode === "write" ? `took over ${what}` : `the first sweep will take over ${what}`);
  }
  return store.problems.some((problem) => problem.severity === "error");
}
