import { type AllDebridClient, createAccountClient } from "../alldebrid/client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import { type ArrClient, createArrClient } from "../arrs/client.ts";
import type { Config } from "../config/load-config.ts";
import type { Log } from "../core/ports.ts";
import type { ArrConfig } from "../core/settings.ts";
import type { Fetch } from "../http/fetch.ts";
import { createRedactor } from "../terminal/redact.ts";
import type { StopControl } from "./stop-control.ts";

/** Makes the clients of all accounts, which share one rate limit. `onDate` gets AllDebrid's clock with each response. */
export function createClients(
  { accounts, apiUrl }: Pick<Config, "accounts" | "apiUrl">,
  { signals }: StopControl,
  log: Pick<Log, "debug" | "warning">,
  { limiter = new RateLimiter(), onDate }: { limiter?: RateLimiter; onDate?: (date: Date) => void } = {},
): AllDebridClient[] {
  const { redact } = createRedactor(accounts.map(({ key }) => key));
  const deprecated = new Set<string>();
  const onDeprecated = (path: string) => {
    if (deprecated.has(path)) return;
    deprecated.add(path);
    log.warning(`AllDebrid calls ${path} deprecated: it will be withdrawn; look for a newer magnets`);
  };
  const shared = { apiUrl, limiter, ...signals, warn: log.warning, redact, onDate, onDeprecated };
  return accounts.map((account) => {
    const debug = (message: string) => log.debug(`${account.name}: ${message}`);
    return createAccountClient(account, { ...shared, debug });
  });
}

/** All Sonarrs and Radarrs together: a message to Discord waits for no longer. */
const LONGEST_MS = 30_000;

/** Makes the clients of all servers; their requests end half a minute from now, or when this process is to stop. */
export function createArrClients(
  servers: readonly ArrConfig[],
  { signals }: Pick<StopControl, "signals">,
  fetch?: Fetch,
): ArrClient[] {
  const deadline = new AbortController();
  setTimeout(() => deadline.abort(), LONGEST_MS).unref();
  const signal = AbortSignal.any([deadline.signal, signals.abort]);
  const options = { signal, stopping: signals.stopping, ...(fetch && { fetch }) };
  return servers.map((server) => createArrClient(server, options));
}
