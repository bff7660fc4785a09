import * as v from "valibot";
import { cleanText, tryParseJson } from "../core/text.ts";
import { IN_BETWEEN, isWebPage } from "../http/failures.ts";

/** Discord did not do as asked, and trying again does not help. */
export interface Rejection {
  /**
   * `refused`: this message was not taken (400, 413); whether it is at fault shows only when its plainest form is
   * refused, too. `dead`: the webhook is gone (404) or its token wrong (401). `blocked`: the channel, the thread or the
   * webhook's settings keep every message out until a person mends them.
   */
  readonly kind: "refused" | "dead" | "blocked";
  readonly status: number;
  /** One cleaned line, without the URL. */
  readonly message: string;
  /** What to do, where the message is not at fault. */
  readonly remedy: string;
  /** Discord finds fault with `embeds` or `content`, and with nothing else. */
  readonly blamesMessage: boolean;
}

/** What became of a request. `name` is a webhook's own, or empty; what is `unavailable` now may work later. */
export type Outcome =
  | { readonly kind: "success"; readonly status: number; readonly name: string }
  | { readonly kind: "unavailable"; readonly message: string }
  | Rejection;

/** A saved message, or a webhook: what Discord responds with when it did as asked. */
const Saved = v.object({
  id: v.union([v.pipe(v.string(), v.nonEmpty()), v.number()]),
  name: v.nullish(v.string()),
});

/** Discord's error object; older ones hold nothing but names of fields. */
const Problem = v.fallback(
  v.looseObject({
    code: v.fallback(v.optional(v.number()), undefined),
    message: v.fallback(v.optional(v.string()), undefined),
    errors: v.fallback(v.optional(v.record(v.string(), v.unknown())), undefined),
  }),
  {},
);

const LONGEST_REASON = 300;
const DEEPEST_DETAIL = 12;
const UNKNOWN_CHANNEL = 10_003;

/** What Discord's response means; `request` is how messages name what was asked. */
export function judge(request: string, { status, ok, headers }: Response, body: string): Outcome {
  const isPage = isWebPage(headers.get("content-type"), body);
  const parsed = tryParseJson(body);
  const json = isPage ? undefined : parsed;
  // Whatever type it says it has: a message that is saved must not be sent again.
  const saved = v.is(Saved, parsed) ? parsed : undefined;
  if (status === 204 || (ok && saved)) {
    return { kind: "success", status, name: cleanText(saved?.name ?? "", 80) };
  }
  if (ok) {
    const what = isPage ? "a web page" : "something other than a Discord message";
    return { kind: "unavailable", message: `${request}: ${status} with ${what}; ${IN_BETWEEN}` };
  }
  const { code, message: said, errors, ...others } = v.parse(Problem, json);
  const form = errors ?? (said === undefined && code === undefined ? others : {});
  const fields = Object.keys(form);
  const why = isPage ? "with a web page" : [said, ...detailsOf(form, [])].filter(Boolean).join("; ");
  const what = [status, code === undefined ? "" : `(${code})`, cleanText(why, LONGEST_REASON)];
  const message = `${request}: ${what.filter(Boolean).join(" ")}`;

  const known = [...fields, code ?? status].map((key) => REMEDIES.get(key)).find(Boolean);
  const reject = (kind: Rejection["kind"], remedy = known ?? CHECK_WEBHOOK): Rejection => {
    const blamesMessage =
      fields.length > 0 && fields.every((name) => name === "embeds" || name === "content");
    return { kind, status, message, remedy, blamesMessage };
  };
  if (status === 400 || status === 413) return reject("refused");
  if (status === 405) return reject("blocked", NOT_A_WEBHOOK);
  if (status === 403 || code === UNKNOWN_CHANNEL) return reject("blocked");
  // A proxy or a sign-in page in between: its 404 says nothing about the webhook.
  if (isPage) return { kind: "unavailable", message: `${message}; ${IN_BETWEEN}` };
  if (status >= 500 || [408, 425, 429].includes(status)) return { kind: "unavailable", message };
  return status === 401 || status === 404 ? reject("dead", NEW_WEBHOOK) : reject("blocked");
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

const NEW_WEBHOOK =
  "create a new webhook (Discord: Server Settings, Integrations, Webhooks) and put its URL in discord_webhook_url";
const NOT_A_WEBHOOK = "this is not a webhook's URL: copy it from Discord again";
const CHECK_WEBHOOK =
  "check the webhook and its channel in Discord (Server Settings, Integrations, Webhooks)";
const FORUM = "the channel is a forum: add ?thread_id=… to the webhook's URL, or use a text channel";
const AUTO_MOD = "AutoMod blocks it: exempt the channel under Server Settings, AutoMod";

/**
 * What a person can mend: by the field that Discord finds fault with, by its code (its documentation, "JSON error
 * codes"; the rest as met by others), by the status where it gives no code.
 */
const REMEDIES: ReadonlyMap<string | number, string> = new Map<string | number, string>([
  ["thread_id", "thread_id in discord_webhook_url is not a thread of the webhook's channel: correct it"],
  [
    "username",
    "Discord refuses the display name magnets: look for what forbids it (Server Settings, AutoMod)",
  ],
  [
    UNKNOWN_CHANNEL,
    "the thread or channel is gone: correct thread_id in discord_webhook_url, or create a new webhook",
  ],
  [40_333, "Discord's protection refuses this machine: if that lasts a day, use another network address"],
  [50_013, "the webhook may not post there: check the permissions of its channel"],
  [50_083, "its thread is archived: reopen it in Discord, or change thread_id in discord_webhook_url"],
  [160_005, "its thread is locked: unlock it in Discord, or change thread_id in discord_webhook_url"],
  [160_006, "the Discord server has too many active threads: close some"],
  [200_000, AUTO_MOD],
  [200_001, AUTO_MOD],
  [220_001, FORUM],
  [220_003, FORUM],
  [
    403,
    "Discord's protection or a proxy refuses this machine: if that lasts a day, use another network address",
  ],
]);
