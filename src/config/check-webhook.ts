import { isPlaceholder } from "./placeholder.ts";
import { decodePart, isLoopback, parseWebAddress } from "./web-address.ts";

const DISCORD_HOSTS = ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"];

/** A webhook's address that can be used, or what is wrong with it, without repeating it. */
export type WebhookCheck = { readonly url: string } | { readonly problem: string };

/**
 * Checks the address of a webhook: https on one of Discord's hosts with `/api/webhooks/<digits>/<token>` (and maybe
 * `/v10` after `/api`), or anything on this machine, for trying things out.
 */
export function checkWebhook(text: string): WebhookCheck {
  const url = parseWebAddress(text);
  if (url === undefined) {
    return { problem: isPlaceholder(text) || /^\w*webhook\w*$/i.test(text) ? PLACEHOLDER : EXPECTED };
  }
  url.hash = "";
  if (isLoopback(url)) return { url: url.href };
  if (!DISCORD_HOSTS.includes(url.hostname) || url.port !== "") return { problem: EXPECTED };
  const path = /^\/api(?:\/v\d+)?\/webhooks(?:\/([^/]*))?(?:\/([^/]*))?(\/.+)?\/?$/.exec(url.pathname);
  if (path === null) return { problem: EXPECTED };
  const [, id = "", token = "", more = ""] = path;
  if (!/^\d+$/.test(id) || isPlaceholder(decodePart(token)) || /^(webhook_?)?token$/i.test(token)) {
    return { problem: PLACEHOLDER };
  }
  if (token === "") return { problem: "is cut short: the token after the last / is missing" };
  if (more !== "" || !/^[\w-]+$/.test(token)) return { problem: EXPECTED };
  if (url.protocol !== "https:") return { problem: "has to start with https://" };
  return { url: url.href };
}

const EXPECTED = "expected https://discord.com/api/webhooks/<digits>/<token>";
const PLACEHOLDER =
  'is a placeholder: copy the address from Discord (channel, Integrations, Webhooks), or write ""';
