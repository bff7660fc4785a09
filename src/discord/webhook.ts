import { setTimeout as sleep } from "node:timers/promises";
import ky, { HTTPError } from "ky";
import { shapeOf } from "../core/shape.ts";
import { tryParseJson } from "../core/text.ts";
import { explainFailure } from "../http/failures.ts";
import { createFetch, type Fetch } from "../http/fetch.ts";
import type { WebhookPayload } from "./message.ts";
import {
  type DiscordResponse,
  type InspectOutcome,
  judgeInspection,
  judgeMessage,
  readRetryAfter,
  type SendOutcome,
  type Unavailable,
} from "./responses.ts";

/** A Discord webhook. Failures are outcomes, never exceptions, and hold nothing of its URL but the host. */
export interface Webhook {
  readonly host: string;
  /** Posts one message; tries again, within bounds, what may work at once. */
  send(payload: WebhookPayload): Promise<SendOutcome>;
  /** Asks what the webhook is, and posts nothing. */
  inspect(): Promise<InspectOutcome>;
}

/** Which webhook, and how patient to be with it. */
export interface WebhookOptions {
  /** A secret. */
  readonly url: string;
  readonly signals: {
    /** No new request may start. */
    readonly stopping: AbortSignal;
    /** Requests under way must end, too. */
    readonly abort: AbortSignal;
  };
  readonly fetch?: Fetch;
  /** For one attempt, its body included; default: 15 s. */
  readonly timeoutMs?: number;
  /** The longest that Discord may ask to wait; more is left to the next sweep. Default: a minute. */
  readonly maxWaitMs?: number;
  /** Before the second attempt, doubled before each further one; default: 1 s. */
  readonly backoffMs?: number;
  /** For one message; default: 4. */
  readonly attempts?: number;
  /** Gets the shape of each response that was not as it should be. */
  readonly debug?: ((message: string) => void) | undefined;
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
export function createWebhook(options: WebhookOptions): Webhook {
  const { signals, fetch = createFetch(), timeoutMs = 15_000, maxWaitMs = 60_000 } = options;
  const { backoffMs = 1_000, attempts = 4 } = options;
  const { stopping, abort } = signals;
  const { host, sendUrl, inspectUrl, token } = splitUrl(options.url);
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
          const seconds = await secondsToWait(response);
          if (seconds !== undefined) openAt = Math.max(openAt, performance.now() + seconds * 1000);
        },
      ],
    },
  });

  const call = async <T extends SendOutcome | InspectOutcome>(
    method: "GET" | "POST",
    judge: (response: DiscordResponse, host: string) => T,
    json?: WebhookPayload,
  ): Promise<T | Unavailable> => {
    let response: Response;
    try {
      response = await http(json ? sendUrl : inspectUrl, json ? { method, json } : { method });
    } catch (error) {
      if (!(error instanceof HTTPError)) {
        const { message } = error instanceof NotSentError ? error : explainFailure(error, timeoutMs);
        return { kind: "unavailable", message: `${method} ${host}: ${message}` };
      }
      response = error.response;
    }
    const { status, ok, headers } = response;
    const contentType = headers.get("content-type") ?? "";
    const text = await response.text();
    // Discord shows a webhook's token in its responses: it goes no further than this.
    const body = token.length < SHORTEST_TOKEN ? text : text.replaceAll(token, "[secret]");
    const outcome = judge({ status, ok, contentType, body }, host);
    const isAsItShouldBe = outcome.kind === "delivered" || outcome.kind === "found";
    if (!isAsItShouldBe) options.debug?.(`Discord: ${status} with ${shapeOf(body)}`);
    return outcome;
  };

  return {
    host,
    send: (payload) => call("POST", judgeMessage, payload),
    inspect: () => call("GET", judgeInspection),
  };
}

/**
 * Seconds that the next request has to wait: what a 429 asks for in its body or headers, or what
 * `X-RateLimit-Remaining: 0` and `X-RateLimit-Reset-After` say.
 */
async function secondsToWait(response: Response): Promise<number | undefined> {
  const { status, headers } = response;
  const resetAfter = readSeconds(headers.get("x-ratelimit-reset-after"));
  if (status !== 429) return headers.get("x-ratelimit-remaining") === "0" ? resetAfter : undefined;
  const retryAfter = readRetryAfter(tryParseJson(await response.text()));
  return retryAfter ?? readSeconds(headers.get("retry-after")) ?? resetAfter;
}

/** Decimal seconds, as all of Discord's are; `undefined` for anything else. */
function readSeconds(header: string | null): number | undefined {
  return header !== null && /^\d+(\.\d+)?$/.test(header) ? Number(header) : undefined;
}

/** With `wait=true` Discord says whether the message was saved; what else the query holds (`thread_id`) stays. */
function splitUrl(text: string): { host: string; sendUrl: string; inspectUrl: string; token: string } {
  // The error of `new URL` holds the URL.
  if (!URL.canParse(text)) throw new Error("the webhook's URL is not valid");
  const url = new URL(text);
  const token = url.pathname.split("/").filter(Boolean).at(-1) ?? "";
  url.searchParams.set("wait", "true");
  const sendUrl = url.href;
  url.search = "";
  return { host: url.host, sendUrl, inspectUrl: url.href, token };
}
