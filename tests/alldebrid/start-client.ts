import { onTestFinished } from "vitest";
import {
  type AllDebridOptions,
  type AllDebridSandbox,
  startAllDebrid,
} from "../../examples/sandbox/alldebrid.ts";
import type { RequestMatch } from "../../examples/sandbox/recorded-request.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { type AllDebridClient, createAccountClient } from "../../src/alldebrid/client.ts";
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import type { ClientOptions } from "../../src/alldebrid/send.ts";

/** The key of the account; to be found nowhere but in one header. */
export const KEY = "Cl1entKeyOfTheTests01";

/** A client and the fake that it talks to. */
export interface ClientScene {
  readonly client: AllDebridClient;
  readonly sandbox: AllDebridSandbox;
  readonly account: SandboxAccount;
  /** What the client warned of. */
  readonly warnings: string[];
  /** What it told at DEBUG level. */
  readonly debug: string[];
  readonly stopping: AbortController;
  readonly abort: AbortController;
  /** What arrived: the endpoint and the form of each matching request. */
  sent(match?: RequestMatch): string[];
}

/** A client without limits that waits a millisecond between attempts, and its fake; both end with the test. */
export async function startClient(
  options: Partial<ClientOptions> & { readonly sandbox?: AllDebridOptions } = {},
): Promise<ClientScene> {
  const { sandbox: sandboxOptions, ...clientOptions } = options;
  const sandbox = await startAllDebrid({ accounts: [{ key: KEY }], rateLimit: false, ...sandboxOptions });
  onTestFinished(() => sandbox.close());
  const warnings: string[] = [];
  const debug: string[] = [];
  const [stopping, abort] = [new AbortController(), new AbortController()];
  const client = createAccountClient(
    { name: "main", fingerprint: "fp-main", key: KEY },
    {
      apiUrl: sandbox.url,
      limiter: new RateLimiter([{ requests: 1_000_000, windowMs: 1 }]),
      stopping: stopping.signal,
      abort: abort.signal,
      retryDelay: () => 1,
      warn: (message) => warnings.push(message),
      debug: (message) => debug.push(message),
      ...clientOptions,
    },
  );
  const sent = (match: RequestMatch = "*") =>
    sandbox.requestsTo(match).map(({ endpoint, form }) => `${endpoint} ${decodeURIComponent(String(form))}`);
  return { client, sandbox, account: sandbox.account(), warnings, debug, stopping, abort, sent };
}
