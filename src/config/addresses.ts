import type { Problem } from "./config.ts";
import { readSecretFile } from "./read-files.ts";
import type { Settings } from "./schema.ts";

/**
 * Whether the text is what an example puts where a key belongs: `VOTRE_CLE_API_1`, `YOUR_API_KEY`, `API_KEY`,
 * `<key>`, `xxxx`, `changeme`. Real keys hold neither separators nor brackets.
 */
export function isPlaceholder(text: string): boolean {
  return (
    /^(your|votre)([^a-z\d]|api|key|cle|$)/i.test(text) ||
    /^(MY_|MA_|ALLDEBRID_)*(API_?KEY|CLE_API|CL[EÉ])(_\d+|_HERE|_ICI)*$/.test(text) ||
    /^(change_?me|placeholder|todo|key_here)$/i.test(text) ||
    /^(x{3,}|\*+|\.+|…+)$/i.test(text) ||
    /^(<.*>|\[.*\]|\{.*\}|\$\{?\w+\}?)$/s.test(text)
  );
}

/** Whether the address is this machine's own: `localhost`, 127.0.0.0/8 or `[::1]`. */
export function isLoopback(url: URL): boolean {
  // URL has already written every spelling of an IPv4 address as four numbers.
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

/** Reads an address of http or https; undefined for anything else, or one that holds a user name or password. */
export function parseWebAddress(text: string): URL | undefined {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const web = url.protocol === "https:" || url.protocol === "http:";
  return web && url.username === "" && url.password === "" ? url : undefined;
}

/** A part of an address in plain text; as it is when it is not encoded as it should be. */
export function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A healthcheck's address that can be used, or what is wrong with it, without repeating it. */
export type HealthcheckCheck =
  | { readonly url: string; readonly warning?: string }
  | { readonly problem: string };

/**
 * Checks the address that is pinged. Plain http is allowed everywhere, since Uptime Kuma on a home network has no
 * TLS, but draws a warning off this machine: whoever has the address can report in the program's place.
 */
export function checkHealthcheck(text: string): HealthcheckCheck {
  const url = parseWebAddress(text);
  if (url === undefined)
    return { problem: looksLikeExample(text) ? HEALTHCHECK_PLACEHOLDER : HEALTHCHECK_EXPECTED };
  const parts = url.pathname.split("/").filter(Boolean).map(decodePart);
  if (parts.some(looksLikeExample) || /(^|\.)example\.(com|org|net)$/.test(url.hostname)) {
    return { problem: HEALTHCHECK_PLACEHOLDER };
  }
  if (/\/api\/push\/?$/.test(url.pathname)) {
    return { problem: "is cut short: the token after /api/push/ is missing" };
  }
  if (parts.length === 0 && url.hostname === "hc-ping.com") {
    return { problem: "is cut short: the check's own part after / is missing" };
  }
  url.hash = "";
  if (url.protocol === "https:" || isLoopback(url)) return { url: url.href };
  const warning =
    "is plain http: whoever listens on the way can report in this program's place; https is safer";
  return { url: url.href, warning };
}

const HEALTHCHECK_EXPECTED = "expected an https:// or http:// address without user name and password";
const HEALTHCHECK_PLACEHOLDER = 'is a placeholder: copy the address from your monitor, or write ""';

function looksLikeExample(part: string): boolean {
  return isPlaceholder(part) || /^(uuid|token|push_?token|ping_?key|slug)$/i.test(part);
}

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
    return {
      problem: isPlaceholder(text) || /^\w*webhook\w*$/i.test(text) ? WEBHOOK_PLACEHOLDER : WEBHOOK_EXPECTED,
    };
  }
  url.hash = "";
  if (isLoopback(url)) return { url: url.href };
  if (!DISCORD_HOSTS.includes(url.hostname) || url.port !== "") return { problem: WEBHOOK_EXPECTED };
  const path = /^\/api(?:\/v\d+)?\/webhooks(?:\/([^/]*))?(?:\/([^/]*))?(\/.+)?\/?$/.exec(url.pathname);
  if (path === null) return { problem: WEBHOOK_EXPECTED };
  const [, id = "", token = "", more = ""] = path;
  if (!/^\d+$/.test(id) || isPlaceholder(decodePart(token)) || /^(webhook_?)?token$/i.test(token)) {
    return { problem: WEBHOOK_PLACEHOLDER };
  }
  if (token === "") return { problem: "is cut short: the token after the last / is missing" };
  if (more !== "" || !/^[\w-]+$/.test(token)) return { problem: WEBHOOK_EXPECTED };
  if (url.protocol !== "https:") return { problem: "has to start with https://" };
  return { url: url.href };
}

const WEBHOOK_EXPECTED = "expected https://discord.com/api/webhooks/<digits>/<token>";
const WEBHOOK_PLACEHOLDER =
  'is a placeholder: copy the address from Discord (channel, Integrations, Webhooks), or write ""';

/** AllDebrid's own address. */
const API_URL = "https://api.alldebrid.com";

/** Where AllDebrid's API is: `$MAGNETS_API_URL` (https, or http on this machine) or AllDebrid itself. */
export function chooseApiUrl(env: NodeJS.ProcessEnv): { apiUrl: string; problems: Problem[] } {
  const given = env.MAGNETS_API_URL?.trim();
  if (!given) return { apiUrl: API_URL, problems: [] };
  const url = parseWebAddress(given);
  const safe = url !== undefined && (url.protocol === "https:" || isLoopback(url));
  if (safe && url.search === "" && url.hash === "") {
    return { apiUrl: `${url.origin}${url.pathname}`.replace(/\/+$/, ""), problems: [] };
  }
  const text =
    "expected an https:// address without user name, password, ? or # (http:// only on localhost, 127.0.0.0/8 and [::1])";
  return { apiUrl: API_URL, problems: [{ inFile: false, path: ["MAGNETS_API_URL"], text }] };
}

/** The healthcheck's address, if any, and what is to be said about it. */
export interface ChosenHealthcheck {
  readonly url?: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Takes the healthcheck from the config file; `""` and null are none. */
export function chooseHealthcheck(settings: Pick<Settings, "healthcheck_url">): ChosenHealthcheck {
  const address = settings.healthcheck_url?.trim();
  if (!address) return { problems: [], warnings: [] };
  const say = (text: string): Problem => ({ inFile: true, path: ["healthcheck_url"], text });
  const check = checkHealthcheck(address);
  if ("problem" in check) return { problems: [say(check.problem)], warnings: [] };
  const { url, warning } = check;
  return { url, problems: [], warnings: warning === undefined ? [] : [say(warning)] };
}

/** The webhook's address, if any, and what is to be said about it. */
export interface ChosenWebhook {
  readonly url?: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Takes the webhook from `$MAGNETS_DISCORD_WEBHOOK_URL`, else from the config file or the file named there. */
export function chooseWebhook(
  settings: Settings,
  configFile: string | undefined,
  env: NodeJS.ProcessEnv,
): ChosenWebhook {
  const variable = env.MAGNETS_DISCORD_WEBHOOK_URL?.trim();
  if (variable) return checked(variable, { inFile: false, path: ["MAGNETS_DISCORD_WEBHOOK_URL"] });
  const address = settings.discord_webhook_url?.trim();
  const addressFile = settings.discord_webhook_url_file?.trim();
  const place = { inFile: true, path: ["discord_webhook_url_file"] };
  if (address && addressFile) {
    const text = "discord_webhook_url is given too: keep one of the two";
    return { problems: [{ ...place, text }], warnings: [] };
  }
  if (address) return checked(address, { inFile: true, path: ["discord_webhook_url"] });
  if (!addressFile || configFile === undefined) return { problems: [], warnings: [] };
  const secret = readSecretFile(addressFile, configFile, env);
  if ("problem" in secret) return { problems: [{ ...place, text: secret.problem }], warnings: [] };
  const warnings = secret.warning === undefined ? [] : [{ ...place, text: secret.warning }];
  if (secret.text === "") return { problems: [{ ...place, text: "the file is empty" }], warnings };
  return { ...checked(secret.text, place), warnings };
}

function checked(text: string, place: Omit<Problem, "text">): ChosenWebhook {
  const check = checkWebhook(text);
  if ("url" in check) return { url: check.url, problems: [], warnings: [] };
  return { problems: [{ ...place, text: check.problem }], warnings: [] };
}
