import type { IncomingHttpHeaders } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { tryParseJson } from "../core/text.ts";
import { connectionFailure } from "../http/failures.ts";
import { BodyTooLargeError, exchange, type HttpAnswer, RedirectError, withDeadline } from "../http/fetch.ts";
import type { WebhookPayload } from "./message.ts";
import {
  type InspectOutcome,
  judgeAnswer,
  judgeInspection,
  readRetryAfter,
  type SendOutcome,
  type Unavailable,
} from "./responses.ts";

/** Holds requests back for as long as Discord asked. Times are taken from a clock that never steps. */
export interface RateGate {
  /** Waits until Discord may be called. Says why not when that takes too long, or the run is ending. */
  pass(stopping: AbortSignal): Promise<"open" | "too long" | "stopped">;
  /** Nothing passes for so long from now. */
  close(milliseconds: number): void;
  /** Closes as `X-RateLimit-Remaining: 0` and `X-RateLimit-Reset-After` (decimal seconds) say. */
  obey(headers: IncomingHttpHeaders): void;
}

/** Timers may fire a little early, and a message that comes too soon costs a refusal. */
const MARGIN_MS = 20;

/** @param maxWaitMs A longer wait is left to the next sweep. */
export function createRateGate(maxWaitMs: number): RateGate {
  let openAt = 0;
  const close = (milliseconds: number): void => {
    openAt = Math.max(openAt, performance.now() + milliseconds);
  };
  return {
    close,
    obey(headers) {
      const seconds = headerSeconds(headers, "x-ratelimit-reset-after");
      if (headers["x-ratelimit-remaining"] === "0" && seconds !== undefined) close(seconds * 1000);
    },
    async pass(stopping) {
      if (stopping.aborted) return "stopped";
      const wait = openAt - performance.now();
      if (wait > maxWaitMs) return "too long";
      if (wait <= 0) return "open";
      try {
        await sleep(Math.ceil(wait) + MARGIN_MS, undefined, { signal: stopping });
        return "open";
      } catch {
        return "stopped";
      }
    },
  };
}

/** A header that holds decimal seconds; `undefined` when it holds anything else. */
export function headerSeconds(headers: IncomingHttpHeaders, name: string): number | undefined {
  const text = headers[name];
  return typeof text === "string" && /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** There was no usable answer. Holds nothing of the error, which could hold the address. */
export interface NoAnswer {
  /** Such as `no answer within 15 s`, `no connection (ECONNREFUSED)`. */
  readonly failure: string;
  /** Whether the same request may do better at once. */
  readonly again: boolean;
}

/** One request to Discord. */
export interface DiscordRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** For the whole exchange, the answer's body included. */
  readonly timeoutMs: number;
  /** Bytes, after decompression. */
  readonly maxBodyBytes: number;
  /** Kills the request. */
  readonly abort: AbortSignal;
}

/** Does one request and reads its answer, bounded in time and size. Never throws, follows no redirect. */
export async function callOnce(request: DiscordRequest): Promise<HttpAnswer | NoAnswer> {
  const { method, url, json, timeoutMs, maxBodyBytes, abort } = request;
  return withDeadline(timeoutMs, abort, async (signal) => {
    try {
      return await exchange({
        method,
        url,
        headers: json === undefined ? {} : { "content-type": "application/json" },
        body: json === undefined ? undefined : JSON.stringify(json),
        maxBodyBytes,
        signal,
      });
    } catch (error) {
      if (abort.aborted) return { failure: "stopped while it was under way", again: false };
      if (signal.aborted) return { failure: `no answer within ${timeoutMs / 1000} s`, again: true };
      return failureOf(error);
    }
  });
}

function failureOf(error: unknown): NoAnswer {
  if (error instanceof BodyTooLargeError) return { failure: "an answer that is too large", again: false };
  if (error instanceof RedirectError) {
    return { failure: "a redirect to another address, which is not followed", again: false };
  }
  return { failure: connectionFailure(error), again: true };
}

/** A Discord webhook. Failures are outcomes, never exceptions, and hold nothing of its address but the host. */
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
    /** Nothing new is started. */
    readonly stopping: AbortSignal;
    /** What is in flight is killed. */
    readonly abort: AbortSignal;
  };
  /** For one request, its answer's body included; 15 s unless told. */
  readonly timeoutMs?: number;
  /** The longest that Discord may ask to wait; more is left for the next sweep. A minute unless told. */
  readonly maxWaitMs?: number;
  /** Before the second attempt, doubled before each further one; 1 s unless told. */
  readonly backoffMs?: number;
  /** Attempts for one message; 4 unless told. */
  readonly attempts?: number;
}

const MAX_BODY_BYTES = 512 * 1024;

/** Shorter ones are no tokens, and taking them out would spoil answers; Discord's have 68 characters. */
const SHORTEST_TOKEN = 8;

/** Makes the client of one webhook. Every request passes the one gate that Discord's rate limits close. */
export function createWebhook(options: WebhookOptions): Webhook {
  const { signals, timeoutMs = 15_000, maxWaitMs = 60_000, backoffMs = 1000, attempts = 4 } = options;
  const { host, sendUrl, inspectUrl, token } = addressesOf(options.url);
  const gate = createRateGate(maxWaitMs);

  const unavailable = (verb: string, what: string): Unavailable => ({
    kind: "unavailable",
    message: `${verb} ${host}: ${what}`,
  });

  const call = async (
    method: "GET" | "POST",
    url: string,
    json?: unknown,
  ): Promise<HttpAnswer | Unavailable> => {
    for (let attempt = 1; ; attempt++) {
      const passed = await gate.pass(signals.stopping);
      if (passed === "stopped") return unavailable(method, "stopped before it was sent");
      if (passed === "too long") return unavailable(method, "rate limited for longer than can be waited");

      const got = await callOnce({
        method,
        url,
        json,
        timeoutMs,
        maxBodyBytes: MAX_BODY_BYTES,
        abort: signals.abort,
      });
      const backoff = backoffMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      if ("failure" in got) {
        if (!got.again || attempt >= attempts) return unavailable(method, got.failure);
        gate.close(backoff);
        continue;
      }
      gate.obey(got.headers);
      // Discord shows a webhook's token in its answers: it goes no further than this.
      const body = token.length < SHORTEST_TOKEN ? got.body : got.body.replaceAll(token, "[secret]");
      const answer = { ...got, body };
      if (answer.status === 429) gate.close(retryAfterMs(answer) ?? backoff);
      else if (answer.status >= 500) gate.close(backoff);
      else return answer;
      if (attempt >= attempts) return answer;
    }
  };

  return {
    host,
    async send(payload) {
      const answer = await call("POST", sendUrl, payload);
      return "kind" in answer ? answer : judgeAnswer(answer, host);
    },
    async inspect() {
      const answer = await call("GET", inspectUrl);
      return "kind" in answer ? answer : judgeInspection(answer, host);
    },
  };
}

/** What a 429 asks for, in its body or headers; all are decimal seconds. */
function retryAfterMs(answer: HttpAnswer): number | undefined {
  const seconds =
    readRetryAfter(tryParseJson(answer.body)) ??
    headerSeconds(answer.headers, "retry-after") ??
    headerSeconds(answer.headers, "x-ratelimit-reset-after");
  return seconds !== undefined && seconds >= 0 ? seconds * 1000 : undefined;
}

/** With `wait=true` Discord tells whether the message was saved; what else is asked (`thread_id`) stays. */
function addressesOf(address: string): { host: string; sendUrl: string; inspectUrl: string; token: string } {
  // The error of `new URL` holds the address.
  if (!URL.canParse(address)) throw new Error("the webhook's address is not an address");
  const url = new URL(address);
  const token = url.pathname.split("/").filter(Boolean).at(-1) ?? "";
  url.searchParams.set("wait", "true");
  const sendUrl = url.href;
  url.search = "";
  return { host: url.host, sendUrl, inspectUrl: url.href, token };
}
