import { setTimeout as sleep } from "node:timers/promises";
import ky, { HTTPError } from "ky";
import * as v from "valibot";
import { shapeOf } from "../core/shape.ts";
import { tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { createFetch, type Fetch } from "../http/fetch.ts";
import type { WebhookPayload } from "./message.ts";
import { judge, type Outcome } from "./responses.ts";

/** A Discord webhook. Failures are outcomes, never exceptions, and hold nothing of its URL but the host. */
export type Webhook = ReturnType<typeof createWebhook>;

/** Which webhook, and how patient to be with it. */
export interface WebhookOptions {
  /** A secret. */
  readonly url: string;
  /** `stopping`: no new request may start; `abort`: those under way must end, too. */
  readonly signals: { readonly stopping: AbortSignal; readonly abort: AbortSignal };
  readonly fetch?: Fetch;
  /** For one attempt, its body included. */
  readonly timeoutMs?: number;
  /** The longest that Discord may ask to wait; more is left to the next sweep. */
  readonly maxWaitMs?: number;
  /** Before the second attempt, doubled before each further one. */
  readonly backoffMs?: number;
  /** For one message. */
  readonly attempts?: number;
  /** Gets the shape of each response that was not as it should be. */
  readonly debug?: (message: string) => void;
}

/** A request was not sent: one line says why. */
class NotSentError extends Error {
  override name = "NotSentError";
}

/** Timers may fire a little early, and a message that comes too soon costs a refusal. */
const MARGIN_MS = 20;
/** Shorter ones are not tokens, and taking them out would spoil responses; Discord's have 68 characters. */
const SHORTEST_TOKEN = 8;

/** Makes the client of one webhook. Every request waits for as long as Discord's rate limits asked before. */
export function createWebhook(options: WebhookOptions) {
  const { signals, fetch = createFetch(), timeoutMs = 15_000, maxWaitMs = 60_000 } = options;
  const { backoffMs = 1_000, attempts = 4 } = options;
  const { stopping, abort } = signals;
  // With `wait=true` Discord says whether the message was saved; what else the query holds (`thread_id`) stays.
  const sendUrl = new URL(options.url);
  sendUrl.searchParams.set("wait", "true");
  const inspectUrl = new URL(options.url);
  inspectUrl.search = "";
  const { host, pathname } = sendUrl;
  const token = pathname.split("/").filter(Boolean).at(-1) ?? "";
  /** By a clock that never steps. */
  let openAt = 0;

  const http = ky.create({
    fetch,
    headers: { "user-agent": "magnets" },
    signal: abort,
    timeout: timeoutMs,
    retry: {
      limit: attempts - 1,
      methods: ["get", "post"],
      delay: (retry) => backoffMs * 2 ** (retry - 1),
      jitter: (ms) => ms * (0.5 + Math.random() / 2),
      // Never left to ky, which would obey `Retry-After` however long: `beforeRequest` waits.
      shouldRetry: ({ error }) => {
        if (error instanceof NotSentError || stopping.aborted) return false;
        return explainFailure(error, timeoutMs).mayPass;
      },
    },
    hooks: {
      beforeRequest: [
        async () => {
          const waitMs = openAt - performance.now();
          if (waitMs > maxWaitMs) throw new NotSentError("rate limited for longer than can be waited");
          if (waitMs > 0) {
            await sleep(Math.ceil(waitMs) + MARGIN_MS, undefined, { signal: stopping }).catch(() => {});
          }
          if (stopping.aborted) throw new NotSentError("stopped before it was sent");
        },
      ],
      afterResponse: [
        async (_request, _options, response) => {
          openAt = Math.max(openAt, performance.now() + (await secondsToWait(response)) * 1000);
        },
      ],
    },
  });

  const call = async (method: "GET" | "POST", url: URL, json?: WebhookPayload): Promise<Outcome> => {
    const request = `${method} ${host}`;
    let response: Response;
    try {
      response = await http(url, { method, json });
    } catch (error) {
      if (!(error instanceof HTTPError)) {
        const { message } = error instanceof NotSentError ? error : explainFailure(error, timeoutMs);
        return { kind: "unavailable", message: `${request}: ${message}` };
      }
      response = error.response;
    }
    const text = await response.text();
    // Discord shows a webhook's token in its responses: it goes no further than this.
    const body = token.length < SHORTEST_TOKEN ? text : text.replaceAll(token, "[secret]");
    const outcome = judge(request, response, body);
    if (outcome.kind !== "success") options.debug?.(`Discord: ${response.status} with ${shapeOf(body)}`);
    return outcome;
  };

  return {
    /** Posts one message; tries again, within bounds, what may work at once. */
    send: (payload: WebhookPayload) => call("POST", sendUrl, payload),
    /** Asks what the webhook is, and posts nothing. */
    inspect: () => call("GET", inspectUrl),
  };
}

const RateLimit = v.fallback(v.object({ retry_after: v.union([v.number(), v.string()]) }), {
  retry_after: 0,
});

/** How long the next request has to wait: what a 429 asks for, or until a limit that is used up starts anew. */
async function secondsToWait(response: Response): Promise<number> {
  const { status, headers } = response;
  if (status !== 429 && headers.get("x-ratelimit-remaining") !== "0") return 0;
  const { retry_after } = v.parse(RateLimit, tryParseJson(await response.text()));
  const named = [retry_after, headers.get("retry-after"), headers.get("x-ratelimit-reset-after")];
  return named.map(Number).find((seconds) => seconds > 0) ?? 0;
}
