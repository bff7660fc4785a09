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

/** Runs `work` with a client for each server; all requests end after half a minute, or when this process is to stop. */
export async function withArrClients<T>(
  servers: readonly ArrConfig[],
  { signals }: Pick<StopControl, "signals">,
  work: (clients: readonly ArrClient[]) => Promise<T>,
  fetch?: Fetch,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), LONGEST_MS);
  const signal = AbortSignal.any([deadline.signal, signals.abort]);
  try {
    return await work(servers.map((server) => createArrClient(server, { signal, ...(fetch && { fetch }) })));
  } finally {
    clearTimeout(timer);
  }
}
