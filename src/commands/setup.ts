import { createAccountClient } from "../alldebrid/account-client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import type { Config } from "../config/config.ts";
import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import type { AccountClient } from "../core/ports.ts";
import { countOf } from "../core/text.ts";
import type { OpenedStore } from "../state/store.ts";
import type { Log } from "../terminal/log.ts";
import { createRedactor } from "../terminal/redact.ts";
import type { Invocation } from "./invocation.ts";
import type { StopControl } from "./stop-control.ts";

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

/** What a command may want of its clients. */
interface ClientOptions {
  /** Hears AllDebrid's clock. */
  readonly onDate?: ((date: Date) => void) | undefined;
  readonly limiter?: RateLimiter;
}

/** Makes the clients of all accounts; their requests pass one rate limit. */
export function createClients(
  config: Pick<Config, "accounts" | "apiUrl">,
  stop: StopControl,
  log: Log,
  { onDate, limiter = new RateLimiter() }: ClientOptions = {},
): AccountClient[] {
  const { redact } = createRedactor(config.accounts.map(({ key }) => key));
  return config.accounts.map((account) =>
    createAccountClient(account, {
      apiUrl: config.apiUrl,
      limiter,
      stopping: stop.stopping.signal,
      abort: stop.abort,
      debug: (message) => log.debug(`${account.name}: ${message}`),
      warn: (message) => log.warning(message),
      redact,
      ...(onDate ? { onDate } : {}),
    }),
  );
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
