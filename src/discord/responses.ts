import * as v from "valibot";
import { cleanText, tryParseJson } from "../core/text.ts";
import { IN_BETWEEN, isWebPage } from "../http/failures.ts";

/** A response, with the webhook's token taken out. */
export interface DiscordResponse {
  readonly status: number;
  readonly ok: boolean;
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

/**
 * Discord's code, its reasons in one cleaned line, such as `Invalid Form Body; embeds.0.title: Required`, and the
 * fields of the message that it finds fault with.
 */
function readProblem(json: unknown): { code?: number | undefined; said: string; fields: string[] } {
  const parsed = v.safeParse(Problem, json);
  if (!parsed.success) return { said: "", fields: [] };
  const { code, message, errors } = parsed.output;
  const form = errors ?? (message === undefined && code === undefined ? json : undefined);
  const details = detailsOf(form, []);
  const said = [message, ...details.slice(0, MOST_DETAILS)].filter(Boolean).join("; ");
  const fields = typeof form === "object" && form !== null ? Object.keys(form) : [];
  return { code, said: cleanText(said, LONGEST_REASON), fields };
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

/**
 * Discord did not take this message (400, 413). Whether the message is at fault shows only when its plainest form is
 * refused, too.
 */
interface Refused {
  readonly kind: "refused";
  readonly status: number;
  /** Cleaned, one line. */
  readonly reason: string;
  /** Discord finds fault with `embeds` or `content`, and with nothing else. */
  readonly blamesMessage: boolean;
  /** What to do where the message is not at fault. */
  readonly remedy: string;
}

/** One line for the person, without the URL. */
interface Explained {
  readonly message: string;
}

/** The channel, the thread or the webhook's settings keep every message out until a person mends them. */
export type Blocked = Explained & { readonly kind: "blocked"; readonly remedy: string };
/** The webhook is gone (404) or its token wrong (401). */
export type Dead = Explained & { readonly kind: "dead"; readonly status: number; readonly remedy: string };
/** It did not work now and may work later. */
export type Unavailable = Explained & { readonly kind: "unavailable" };

/** What became of a message. */
export type SendOutcome =
  | { readonly kind: "delivered"; readonly status: number }
  | Refused
  | Blocked
  | Dead
  | Unavailable;

/** What is known of a webhook after asking for it. */
export type InspectOutcome =
  | { readonly kind: "found"; readonly name?: string | undefined }
  | Blocked
  | Dead
  | Unavailable;

/** What Discord's response to a message means. */
export function judgeMessage(response: DiscordResponse, host: string): SendOutcome {
  const { status } = response;
  const verb = `POST ${host}`;
  if (!response.ok) return judgeProblem(response, verb);
  const isSaved = status === 204 || v.is(Saved, tryParseJson(response.body));
  return isSaved ? { kind: "delivered", status } : notDiscord(response, verb);
}

/** What Discord's response to the question for the webhook itself means. */
export function judgeInspection(response: DiscordResponse, host: string): InspectOutcome {
  const verb = `GET ${host}`;
  if (!response.ok) {
    const problem = judgeProblem(response, verb);
    const { kind } = problem;
    return kind === "refused" ? { kind: "unavailable", message: `${verb}: ${problem.reason}` } : problem;
  }
  const parsed = v.safeParse(Saved, tryParseJson(response.body));
  if (!parsed.success) return notDiscord(response, verb);
  return { kind: "found", name: cleanText(parsed.output.name ?? "", 80) || undefined };
}

const NEW_WEBHOOK =
  "create a new webhook (Discord: Server Settings, Integrations, Webhooks) and put its URL in discord_webhook_url";

function judgeProblem(response: DiscordResponse, verb: string): Refused | Blocked | Dead | Unavailable {
  const { status } = response;
  const isPage = isWebPage(response.contentType, response.body);
  const { code, said, fields } = readProblem(isPage ? undefined : tryParseJson(response.body));
  const what = [status, code === undefined ? "" : `(${code})`, isPage ? "with a web page" : said];
  const reason = what.filter(Boolean).join(" ");
  const message = `${verb}: ${reason}`;
  const remedy = remedyFor(status, code, fields);
  if (status === 400 || status === 413) {
    const blamesMessage = fields.length > 0 && fields.every((field) => /^(embeds|content)$/.test(field));
    return { kind: "refused", status, reason, blamesMessage, remedy };
  }
  const isPassing = status >= 500 || [408, 425, 429].includes(status);
  if (isPassing && !isPage) return { kind: "unavailable", message };
  if (status === 403 || status === 405 || code === UNKNOWN_CHANNEL) {
    return { kind: "blocked", message, remedy };
  }
  // A proxy or a sign-in page in between: its 404 says nothing about the webhook.
  if (isPage) return notDiscord(response, verb);
  if (status === 401 || status === 404) return { kind: "dead", status, message, remedy: NEW_WEBHOOK };
  return { kind: "blocked", message, remedy };
}

const UNKNOWN_CHANNEL = 10_003;

/** What a person can mend, by Discord's code (its documentation, "JSON error codes"; the rest as met by others). */
const REMEDIES: Readonly<Record<number, string>> = {
  [UNKNOWN_CHANNEL]:
    "the thread or channel is gone: correct thread_id in discord_webhook_url, or create a new webhook",
  40333: "Discord's protection refuses this machine: if that lasts a day, use another network address",
  50013: "the webhook may not post there: check the permissions of its channel",
  50083: "its thread is archived: reopen it in Discord, or change thread_id in discord_webhook_url",
  160005: "its thread is locked: unlock it in Discord, or change thread_id in discord_webhook_url",
  160006: "the Discord server has too many active threads: close some",
  200000: "AutoMod blocks it: exempt the channel under Server Settings, AutoMod",
  200001: "AutoMod blocks it: exempt the channel under Server Settings, AutoMod",
};
const FORUM = "the channel is a forum: add ?thread_id=… to the webhook's URL, or use a text channel";
const WRONG_THREAD = "thread_id in discord_webhook_url is not a thread of the webhook's channel: correct it";
const REFUSED_NAME =
  "Discord refuses the display name magnets: look for what forbids it (Server Settings, AutoMod)";
const REFUSED_ADDRESS =
  "Discord's protection or a proxy refuses this machine: if that lasts a day, use another network address";

function remedyFor(status: number, code: number | undefined, fields: readonly string[]): string {
  if (fields.includes("thread_id")) return WRONG_THREAD;
  if (fields.includes("username")) return REFUSED_NAME;
  if (code !== undefined && code >= 220_000 && code < 220_100) return FORUM;
  const known = code === undefined ? undefined : REMEDIES[code];
  if (known !== undefined) return known;
  if (status === 403 && code === undefined) return REFUSED_ADDRESS;
  if (status === 405) return "this is not a webhook's URL: copy it from Discord again";
  return "check the webhook and its channel in Discord (Server Settings, Integrations, Webhooks)";
}

function notDiscord(response: DiscordResponse, verb: string): Unavailable {
  const isPage = isWebPage(response.contentType, response.body);
  const what = isPage ? "a web page" : "something other than a Discord message";
  return { kind: "unavailable", message: `${verb}: ${response.status} with ${what}; ${IN_BETWEEN}` };
}
