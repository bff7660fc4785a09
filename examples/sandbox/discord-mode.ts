import { type Answer, type Behaviour, cloudflarePage } from "./behaviour.ts";

/** How the fake behaves towards every request until told otherwise. */
export type DiscordMode =
  | "ok"
  /** 401, code 50027: the token is wrong. */
  | "unauthorized"
  /** 404, code 10015: the webhook was deleted. */
  | "unknown-webhook"
  /** 429 whatever the rate, with `retry_after` 1 s. */
  | "rate-limited"
  | "server-error"
  /** 502 with a page of HTML. */
  | "bad-gateway"
  /** Never answers. */
  | "hang"
  /** Resets the connection before anything is done. */
  | "reset"
  /** Saves the message, then closes the connection without an answer. */
  | "lost-answer";

/** The behaviour behind each mode; null for `ok`. */
export function modeBehaviour(mode: DiscordMode): Behaviour | null {
  switch (mode) {
    case "ok":
      return null;
    case "unauthorized":
      return http(discordError(401, 50027, "Invalid Webhook Token"));
    case "unknown-webhook":
      return http(discordError(404, 10015, "Unknown Webhook"));
    case "rate-limited":
      return http(tooManyMessages(1));
    case "server-error":
      return http(discordError(500, 0, "500: Internal Server Error"));
    case "bad-gateway":
      return cloudflarePage(502);
    case "hang":
      return { kind: "no-header" };
    case "reset":
      return { kind: "reset" };
    case "lost-answer":
      return { kind: "lost-answer" };
  }
}

/** An error as Discord words it. */
export function discordError(status: number, code: number, message: string): Answer {
  return { status, body: JSON.stringify({ message, code }) };
}

/** 429 with all that Discord says: `retry_after` in decimal seconds, and the headers. */
export function tooManyMessages(retryAfterSeconds: number, isGlobal = false): Answer {
  const message = "You are being rate limited.";
  return {
    status: 429,
    body: JSON.stringify({ message, retry_after: retryAfterSeconds, global: isGlobal }),
    headers: {
      "retry-after": String(Math.ceil(retryAfterSeconds)),
      "x-ratelimit-remaining": "0",
      "x-ratelimit-reset-after": retryAfterSeconds.toFixed(3),
      "x-ratelimit-scope": isGlobal ? "global" : "user",
    },
  };
}

function http(answer: Answer): Behaviour {
  return { kind: "http", ...answer, headers: { "content-type": "application/json", ...answer.headers } };
}
