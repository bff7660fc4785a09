import { createAccountClient } from "../alldebrid/account-client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import type { Config } from "../config/config.ts";
import type { AccountClient } from "../core/ports.ts";
import type { Log } from "../terminal/log.ts";
import { createRedactor } from "../terminal/redact.ts";
import type { StopControl } from "./stop-control.ts";

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
