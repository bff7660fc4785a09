import { tryParseJson } from "../core/try-parse-json.ts";
import { BodyTooLargeError, BrokenAnswerError, RedirectError } from "../http/errors.ts";
import { exchange } from "../http/exchange.ts";
import type { HttpAnswer } from "../http/http-answer.ts";
import { withDeadline } from "../http/with-deadline.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { isAccountCode } from "./error-codes.ts";
import { explainNetworkError } from "./network-failure.ts";

/** One request of the API: form-encoded, or a GET when there is no form. */
export interface ApiRequest {
  /** With a leading slash. */
  readonly path: string;
  readonly form?: URLSearchParams;
  /** The most attempts at it, where few are enough. */
  readonly attempts?: number;
}

/** Where and as whom requests are sent. */
export interface Endpoint {
  /** Without a trailing slash. */
  readonly apiUrl: string;
  /** A secret: it travels in the `Authorization` header and nowhere else. */
  readonly key: string;
  /** Milliseconds for one attempt, its body included. */
  readonly deadlineMs: number;
  /** Aborted when requests under way must end. */
  readonly abort: AbortSignal;
  readonly onDate?: ((date: Date) => void) | undefined;
}

/** What one attempt brought. */
export type Attempt =
  | { readonly kind: "answer"; readonly envelope: Envelope }
  | {
      readonly kind: "none";
      /** In words, without the host's name. */
      readonly message: string;
      /** The same request may do better later. */
      readonly transient: boolean;
      /** It took the whole deadline. */
      readonly slow: boolean;
      /** The server may have done what it was asked. */
      readonly mayHaveArrived: boolean;
      /** HTTP 429. */
      readonly tooMany: boolean;
      /** HTTP 503: an outage, or too many requests as well. */
      readonly busy: boolean;
      /** The header as it came. */
      readonly retryAfter: string | null;
    };

/** 10,000 magnets are about 5 MB. */
const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Sends a request once. Never throws for what server or network do. */
export function attempt(endpoint: Endpoint, request: ApiRequest): Promise<Attempt> {
  const { apiUrl, key, deadlineMs, abort } = endpoint;
  const { path, form } = request;
  return withDeadline(deadlineMs, abort, async (signal) => {
    try {
      const answer = await exchange({
        method: form ? "POST" : "GET",
        url: `${apiUrl}${path}`,
        headers: {
          authorization: `Bearer ${key}`,
          accept: "application/json",
          ...(form ? { "content-type": "application/x-www-form-urlencoded" } : {}),
        },
        body: form?.toString(),
        maxBodyBytes: MAX_BODY_BYTES,
        signal,
      });
      tellDate(endpoint, answer.headers.date);
      return judge(answer);
    } catch (error) {
      if (abort.aborted) return none("the request was cut short", { transient: false });
      if (signal.aborted) return none(`no whole answer within ${deadlineMs / 1000} s`, { slow: true });
      return failureOf(error);
    }
  });
}

function failureOf(error: unknown): None {
  if (error instanceof BodyTooLargeError) {
    return none("the answer is larger than any real one", { transient: false });
  }
  if (error instanceof BrokenAnswerError) return none("the answer was cut short");
  if (error instanceof RedirectError) {
    return none("it answered with a redirect, which is not followed", { transient: false });
  }
  const { message, mayHaveArrived } = explainNetworkError(error);
  return none(message, { mayHaveArrived });
}

function tellDate({ onDate }: Endpoint, header: string | undefined): void {
  const date = new Date(header ?? "");
  if (!Number.isNaN(date.getTime())) onDate?.(date);
}

function judge({ status, headers, body }: HttpAnswer): Attempt {
  const retryAfter = headers["retry-after"] ?? null;
  const envelope = readEnvelope(tryParseJson(body));
  // A 429 was turned away at the door, whatever its body says, unless that is about the account.
  if (status === 429 && !(envelope?.status === "error" && isAccountCode(envelope.error.code))) {
    return none("too many requests (429)", { tooMany: true, mayHaveArrived: false, retryAfter });
  }
  if (envelope) return { kind: "answer", envelope };
  if (status >= 500) return none(`it answered ${status}`, { retryAfter, busy: status === 503 });
  if (status >= 400) return none(`it answered ${status}`, { transient: status === 408 || status === 425 });
  return none("the answer is not AllDebrid's: a proxy or a sign-in page in between?");
}

type None = Extract<Attempt, { kind: "none" }>;

function none(message: string, facts: Partial<None> = {}): None {
  const usual = {
    transient: true,
    slow: false,
    mayHaveArrived: true,
    tooMany: false,
    busy: false,
    retryAfter: null,
  };
  return { kind: "none", message, ...usual, ...facts };
}
