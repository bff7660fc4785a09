import { type HttpSandbox, startHttpSandbox } from "../../examples/sandbox/http-sandbox.ts";
import { type AllDebridClient, createAccountClient } from "../../src/alldebrid/client.ts";
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import type { Recording } from "./fixtures.ts";

/** A server that sends one recorded response to all requests, and the client that meets it. */
export interface RecordingScene {
  readonly client: AllDebridClient;
  readonly server: HttpSandbox;
  /** The endpoints that were called deprecated. */
  readonly deprecated: string[];
  /** What the client warned of. */
  readonly warnings: string[];
}

/** Serves a recorded response over a real socket. Requests for which `other` has a response get that. */
export async function serveRecording(
  recorded: Recording,
  other: (path: string, form: URLSearchParams) => Recording | undefined = () => undefined,
): Promise<RecordingScene> {
  const server = await startHttpSandbox({
    admit: () => null,
    identify: () => {},
    answer: ({ path, form }) => {
      const { status, type, body } = other(path, form) ?? recorded;
      return { status, body, headers: { "content-type": type } };
    },
  });
  const deprecated: string[] = [];
  const warnings: string[] = [];
  const never = new AbortController().signal;
  const client = createAccountClient(
    { name: "main", fingerprint: "fp-main", key: "Rec0rd1ngsKey" },
    {
      apiUrl: server.origin,
      limiter: new RateLimiter([{ requests: 1_000_000, windowMs: 1 }]),
      stopping: never,
      abort: never,
      retryDelay: () => 1,
      warn: (message) => warnings.push(message),
      onDeprecated: (endpoint) => deprecated.push(endpoint),
    },
  );
  return { client, server, deprecated, warnings };
}
