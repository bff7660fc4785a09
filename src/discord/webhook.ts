import { tryParseJson } from "../core/try-parse-json.ts";
import type { HttpAnswer } from "../http/http-answer.ts";
import { callOnce } from "./call-once.ts";
import { readRetryAfter } from "./discord-answer.ts";
import { judgeAnswer, judgeInspection } from "./judge-answer.ts";
import type { InspectOutcome, SendOutcome, Unavailable } from "./outcome.ts";
import type { WebhookPayload } from "./payload.ts";
import { createRateGate, headerSeconds } from "./rate-gate.ts";

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
