import * as v from "valibot";
import { cleanText, tryParseJson } from "../core/text.ts";

/** A response, with the webhook's token taken out. */
export interface DiscordResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A saved message, or a webhook: what Discord responds with when it did as asked. */
const Saved = v.object({
  id: v.union([v.pipe(v.string(), v.nonEmpty()), v.number()]),
  name: v.nullish(v.string()),
});

/** Discord's error object; older ones hold nothing but names of fields. */
const Problem = v.looseObject({
  code: v.fallback(v.optional(v.number()), undefined),
  message: v.fallback(v.optional(v.string()), undefined),
  errors: v.optional(v.unknown()),
});

const RateLimit = v.object({ retry_after: v.union([v.number(), v.pipe(v.string(), v.decimal())]) });

const LONGEST_REASON = 300;
const MOST_DETAILS = 5;
const DEEPEST_DETAIL = 12;

/** The id and cleaned name of a message or webhook; `undefined` when it is neither. */
function readSaved(json: unknown): { id: string; name?: string | undefined } | undefined {
  const parsed = v.safeParse(Saved, json);
  if (!parsed.success) return undefined;
  return { id: String(parsed.output.id), name: cleanText(parsed.output.name ?? "", 80) || undefined };
}

/** Discord's code and its reasons in one cleaned line, such as `Invalid Form Body; embeds.0.title: Required`. */
function readProblem(json: unknown): { code?: number | undefined; reason: string } {
  const parsed = v.safeParse(Problem, json);
  if (!parsed.success) return { reason: "" };
  const { code, message, errors } = parsed.output;
  const details = detailsOf(errors ?? (message === undefined ? json : undefined), []);
  const reason = [message, ...details.slice(0, MOST_DETAILS)].filter(Boolean).join("; ");
  return { code, reason: cleanText(reason, LONGEST_REASON) };
}

/** Seconds to wait that a 429 names in its body. */
export function readRetryAfter(json: unknown): number | undefined {
  const parsed = v.safeParse(RateLimit, json);
  return parsed.success ? Number(parsed.output.retry_after) : undefined;
}

/** Flattens the nested `errors` of an invalid form (code 50035) to `path: message`. */
function detailsOf(errors: unknown, path: readonly string[]): string[] {
  if (typeof errors === "string") return [[path.join("."), errors].filter(Boolean).join(": ")];
  if (typeof errors !== "object" || errors === null || path.length > DEEPEST_DETAIL) return [];
  if ("message" in errors) return detailsOf(errors.message, path);
  if ("_errors" in errors && Array.isArray(errors._errors)) {
    return errors._errors.flatMap((error) => detailsOf(error, path));
  }
  return Object.entries(errors).flatMap(([key, value]) => detailsOf(value, [...path, key]));
}

/** Discord will not take this message, ever: it is malformed. */
interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** Discord's own error code, such as 50035. */
  readonly code?: number | undefined;
  /** Cleaned, one line. */
  readonly reason: string;
}

/** The webhook is gone (404) or its token wrong (401). */
interface Dead {
  readonly kind: "dead";
  readonly status: number;
  /** One line for the person. */
  readonly message: string;
}

/** It did not work now and may work later. */
export interface Unavailable {
  readonly kind: "unavailable";
  /** One line for the person, without the URL. */
  readonly message: string;
}

/** What became of a message. */
export type SendOutcome =
  | { readonly kind: "delivered"; readonly status: number; readonly messageId?: string | undefined }
  | Refused
  | Dead
  | Unavailable;

/** What is known of a webhook after asking for it. */
export type InspectOutcome =
  | { readonly kind: "found"; readonly name?: string | undefined }
  | Dead
  | Unavailable;

/** What Discord's response to a message means. */
export function judgeMessage(response: DiscordResponse, host: string): SendOutcome {
  const { status } = response;
  if (status === 204) return { kind: "delivered", status };
  if (!isSuccess(status)) return judgeProblem(response, `POST ${host}`);
  const message = readSaved(tryParseJson(response.body));
  if (message) return { kind: "delivered", status, messageId: message.id };
  return notDiscord(response, `POST ${host}`);
}

/** What Discord's response to the question for the webhook itself means. */
export function judgeInspection(response: DiscordResponse, host: string): InspectOutcome {
  const verb = `GET ${host}`;
  if (isSuccess(response.status)) {
    const webhook = readSaved(tryParseJson(response.body));
    return webhook ? { kind: "found", name: webhook.name } : notDiscord(response, verb);
  }
  const outcome = judgeProblem(response, verb);
  return outcome.kind === "refused"
    ? { kind: "unavailable", message: `${verb}: ${outcome.reason}` }
    : outcome;
}

function judgeProblem(response: DiscordResponse, verb: string): Refused | Dead | Unavailable {
  const { status } = response;
  // A proxy or a sign-in page in between: its 404 says nothing about the webhook, its 400 nothing about a message.
  if (isWebPage(response)) return notDiscord(response, verb);
  const { code, reason } = readProblem(tryParseJson(response.body));
  const what = [status, code === undefined ? "" : `(${code})`, reason].filter(Boolean).join(" ");
  if (status === 401 || status === 404) return { kind: "dead", status, message: `${verb}: ${what}` };
  // Codes 2200xx: the channel is a forum. Each message would be refused, so none of them is at fault.
  if (status === 400 && code !== undefined && code >= 220_000 && code < 220_100) {
    const advice = "the channel is a forum: add ?thread_id=… to the webhook's URL, or use a text channel";
    return { kind: "unavailable", message: `${verb}: ${what} (${advice})` };
  }
  if (status === 400 || status === 413) return { kind: "refused", status, code, reason: what };
  return { kind: "unavailable", message: `${verb}: ${what}` };
}

function notDiscord(response: DiscordResponse, verb: string): Unavailable {
  const what = isWebPage(response) ? "a web page" : "something other than a Discord message";
  return {
    kind: "unavailable",
    message: `${verb}: ${response.status} with ${what}; is a proxy or a sign-in page in between?`,
  };
}

function isSuccess(status: number): boolean {
  return status >= 200 && status < 300;
}

function isWebPage({ contentType, body }: DiscordResponse): boolean {
  return /\bhtml\b/i.test(contentType) || body.trimStart().startsWith("<");
}
