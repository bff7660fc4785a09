import { readSecret, type Sources, secretVariable } from "./files.ts";
import type { Place, Problems } from "./problems.ts";
import type { Settings } from "./schema.ts";

/**
 * Whether the text is what an example puts where a key belongs: `VOTRE_CLE_API_1`, `YOUR_API_KEY`, `API_KEY`,
 * `<key>`, `xxxx`, `changeme`. Real keys hold neither separators nor brackets.
 */
export function isPlaceholder(text: string): boolean {
  const plain = text.replace(/^((my|ma|the|alldebrid)[_-]?)+/i, "").replaceAll("-", "_");
  return (
    /^(your|votre|insert|paste|put|enter|replace)([^a-z\d]|api|key|cle|me$|$)/i.test(plain) ||
    /^(api_?key|cle_api|cl[eé])(_?\d+|_(here|ici|alldebrid))*$/i.test(plain) ||
    /^(change_?(me|it|this)|placeholder|todo|key_here|null|none|undefined|x{3,}|\*+|\.+|…+)$/i.test(plain) ||
    /^(<.*>|\[.*\]|\{.*\}|\$\{?\w+\}?)$/s.test(plain)
  );
}

/** Of AllDebrid. */
export const API_URL = "https://api.alldebrid.com";

/** The URL of AllDebrid's API: `$MAGNETS_API_URL` (https, or http on this machine), else AllDebrid's own. */
export function readApiUrl(env: NodeJS.ProcessEnv, problems: Problems): string {
  const given = env.MAGNETS_API_URL?.trim();
  if (!given) return API_URL;
  const url = parseWebUrl(given);
  const safe = url !== undefined && (url.protocol === "https:" || isLoopback(url));
  if (safe && url.search === "" && url.hash === "") {
    return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
  }
  const text =
    "expected an https:// URL without a user name, password, ? or # (http:// only on localhost, 127.0.0.0/8 and [::1])";
  return problems.add(["MAGNETS_API_URL"], text) ?? API_URL;
}

const DISCORD_HOSTS = ["discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"];

/** The webhook's URL, if any: of `$MAGNETS_DISCORD_WEBHOOK_URL` or its file, else of the config file or its file. */
export function readWebhookUrl(settings: Settings, sources: Sources): string | undefined {
  const secret = readSecret(
    secretVariable("MAGNETS_DISCORD_WEBHOOK_URL", sources.env) ?? {
      value: settings.discord_webhook_url?.trim() || undefined,
      path: settings.discord_webhook_url_file?.trim() || undefined,
      place: ["discord_webhook_url"],
    },
    sources,
  );
  return secret && checkWebhookUrl(secret.text, secret.place, sources.problems);
}

const QUOTED = "is in quotes or brackets: write the URL alone";

function isQuoted(text: string): boolean {
  return /^["'`“‘«]|["'`”’»]$|^[<[(].*:\/\//.test(text);
}

/**
 * Allows https on one of Discord's hosts with `/api/webhooks/<digits>/<token>` (and maybe `/v10` after `/api`), or
 * anything on this machine, for trying things out. Problems don't repeat it: it is a secret.
 */
function checkWebhookUrl(text: string, place: Place, problems: Problems): string | undefined {
  const expected = "expected https://discord.com/api/webhooks/<digits>/<token>";
  const placeholder =
    'is a placeholder: copy the URL from Discord (Edit Channel, Integrations, Webhooks), or set it to ""';
  if (isQuoted(text)) return problems.add(place, QUOTED);
  const url = parseWebUrl(text);
  if (url === undefined) {
    return problems.add(place, isPlaceholder(text) || /^\w*webhook\w*$/i.test(text) ? placeholder : expected);
  }
  const wrong = explainBadThread(url);
  if (wrong !== undefined) return problems.add(place, wrong);
  url.hash = "";
  if (isLoopback(url)) return url.href;
  const path = /^\/api(?:\/v\d+)?\/webhooks(?:\/([^/]*))?(?:\/([^/]*))?(\/.+)?\/?$/.exec(url.pathname);
  if (!DISCORD_HOSTS.includes(url.hostname) || url.port !== "" || path === null) {
    return problems.add(place, expected);
  }
  const [, id = "", token = "", more = ""] = path;
  if (!/^\d+$/.test(id) || isPlaceholder(decodePart(token)) || /^(webhook_?)?token$/i.test(token)) {
    return problems.add(place, placeholder);
  }
  if (token === "") {
    return problems.add(place, "is incomplete: copy it from Discord with the token after the last /");
  }
  if (more !== "" || !/^[\w-]+$/.test(token)) return problems.add(place, expected);
  if (url.protocol !== "https:") return problems.add(place, "must start with https://");
  return url.href;
}

/** Discord ignores a parameter that it does not know: the messages would go to the channel instead. */
function explainBadThread({ searchParams, hash }: URL): string | undefined {
  const digits = "?thread_id= and the thread's id, which is digits (Discord: Copy Thread ID)";
  const threads = searchParams.getAll("thread_id");
  const names = [...searchParams.keys(), hash.slice(1)].filter((name) => /thread|topic/i.test(name));
  const misspelt = names.find((name) => name !== "thread_id");
  if (misspelt !== undefined) {
    const shown = /^[a-z_-]{1,20}$/i.test(misspelt) ? `${misspelt}=` : "a parameter";
    return `has ${shown} for a thread, which Discord ignores: write ${digits}`;
  }
  if (threads.length > 1 || threads.some((id) => !/^\d+$/.test(id))) return `expected one ${digits}`;
  return undefined;
}

/**
 * The URL of the healthcheck, if any. Plain http is allowed everywhere, since Uptime Kuma on a home network has no
 * TLS, but draws a warning off this machine: whoever has the URL can report in the program's place. Nothing repeats
 * it for the same reason.
 */
export function readHealthcheckUrl(settings: Settings, problems: Problems): string | undefined {
  const place = ["healthcheck_url"];
  const placeholder = 'is a placeholder: copy the URL from your monitor, or set it to ""';
  const text = settings.healthcheck_url?.trim();
  if (!text) return undefined;
  if (isQuoted(text)) return problems.add(place, QUOTED);
  const url = parseWebUrl(text);
  if (url === undefined) {
    const expected = "expected an https:// or http:// URL without a user name or password";
    return problems.add(place, looksLikeExample(text) ? placeholder : expected);
  }
  const parts = url.pathname.split("/").filter(Boolean).map(decodePart);
  if (parts.some(looksLikeExample) || /(^|\.)example\.(com|org|net)$/.test(url.hostname)) {
    return problems.add(place, placeholder);
  }
  if (/\/api\/push\/?$/.test(url.pathname)) {
    return problems.add(place, "is incomplete: copy it from Uptime Kuma with the token after /api/push/");
  }
  if (parts.length === 0 && url.hostname === "hc-ping.com") {
    return problems.add(place, "is incomplete: copy it from Healthchecks with the check's own part after /");
  }
  url.hash = "";
  const [, pasted] = /[^/]\/+(start|fail|log)\/*$/i.exec(url.pathname) ?? [];
  if (pasted !== undefined && !url.pathname.includes("/api/push/")) {
    url.pathname = url.pathname.replace(/\/+\w+\/*$/, "");
    problems.warn(place, `ends in /${pasted}, which the program adds itself where it is due: remove it`);
  }
  if (url.protocol === "http:" && !isLoopback(url)) {
    const risk = "anyone on the network between can read it and report in this program's place";
    problems.warn(place, `is plain http: ${risk}; use https if you can`);
  }
  return url.href;
}

function looksLikeExample(part: string): boolean {
  return isPlaceholder(part) || /^(uuid|token|push_?token|ping_?key|slug)$/i.test(part);
}

/** Parses an http or https URL; undefined for anything else, or one with a user name or password. */
export function parseWebUrl(text: string): URL | undefined {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  const web = url.protocol === "https:" || url.protocol === "http:";
  return web && url.username === "" && url.password === "" ? url : undefined;
}

/** Whether the URL leads to this machine: `localhost`, 127.0.0.0/8 or `[::1]`. */
export function isLoopback(url: URL): boolean {
  // URL has already written every spelling of an IPv4 address as four numbers.
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}

/** A part of a URL in plain text; as it is when it is not encoded as it should be. */
function decodePart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
