import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import type { Invocation } from "./invocation.ts";

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
