import { type AllDebridClient, createAccountClient } from "../alldebrid/client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../terminal/log.ts";
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
  }: {
    readonly limiter?: RateLimiter;
    /** Receives AllDebrid's clock with each response. */
    readonly onDate?: (date: Date) => void;
  } = {},
): AllDebridClient[] {
  const { redact } = createRedactor(accounts.map(({ key }) => key));
  return accounts.map((account) =>
    createAccountClient(account, {
      apiUrl,
      limiter,
      ...stop.signals,
      debug: (message) => log.debug(`${account.name}: ${message}`),
      warn: (message) => log.warning(message),
      redact,
      onDate,
    }),
  );
}
