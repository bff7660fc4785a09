import type { Config } from "../config/config.ts";
import type { Log } from "../terminal/log.ts";
import type { Invocation } from "./invocation.ts";
import { readConfig } from "./read-config.ts";

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
