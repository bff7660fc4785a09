import { type AllDebridClient, createAccountClient } from "../alldebrid/client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import type { Config } from "../config/load-config.ts";
import type { Log } from "../core/ports.ts";
import { createRedactor } from "../terminal/redact.ts";
import type { StopControl } from "./stop-control.ts";

/** Makes the clients of all accounts; their requests share one rate limit. */
export function createClients(
  { accounts, apiUrl }: Config,
  stop: StopControl,
  log: Log,
  {
    limiter = new RateLimiter(),
    onDate,
    onDeprecated = (message, remedy) => log.warning(`${message}: ${remedy}`),
  }: {
    readonly limiter?: RateLimiter;
    /** Receives AllDebrid's clock with each response. */
    readonly onDate?: (date: Date) => void;
    /** Receives what to say of an endpoint that AllDebrid calls deprecated, once each. Default: it is logged. */
    readonly onDeprecated?: (message: string, remedy: string) => void;
  } = {},
): AllDebridClient[] {
  const { redact } = createRedactor(accounts.map(({ key }) => key));
  const deprecated = new Set<string>();
  const noteDeprecated = (path: string) => {
    if (deprecated.has(path)) return;
    deprecated.add(path);
    const message = `AllDebrid calls ${path} deprecated: it will be withdrawn`;
    onDeprecated(message, "magnets will try another version of it; look for a newer magnets");
  };
  return accounts.map((account) =>
    createAccountClient(account, {
      apiUrl,
      limiter,
      ...stop.signals,
      debug: (message) => log.debug(`${account.name}: ${message}`),
      warn: (message) => log.warning(message),
      redact,
      onDate,
      onDeprecated: noteDeprecated,
    }),
  );
}
