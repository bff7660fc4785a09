import { readSecret, secretVariable } from "./files.ts";
import type { Place, Problems, Sources } from "./problems.ts";
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
  if (url !== undefined && (url.protocol === "https:" || isLoopback(url)) && !url.search && !url.hash) {
    return withoutSlash(url);
  }
  const where = "without a user name, password, ? or # (http:// only on localhost, 127.0.0.0/8 and [::1])";
  return problems.add(["MAGNETS_API_URL"], `expected an https:// URL ${where}`) ?? API_URL;
}

const DISCORD =
  /^https:\/\/(discord|discordapp|ptb\.discord|canary\.discord)\.com\/api(\/v\d+)?\/webhooks\/\d+\/[\w-]+$/;

/**
 * The webhook's URL, if any: of `$MAGNETS_DISCORD_WEBHOOK_URL` or its file, else of the config file or its file. It is
 * one of Discord's, or anything on this machine, for trying things out.
 */
export function readWebhookUrl(settings: Settings, sources: Sources): string | undefined {
  const value = settings.discord_webhook_url?.trim() || undefined;
  const path = settings.discord_webhook_url_file?.trim() || undefined;
  const variable = secretVariable("MAGNETS_DISCORD_WEBHOOK_URL", sources.env);
  const secret = readSecret(variable ?? { value, path, place: ["discord_webhook_url"] }, sources);
  if (secret === undefined) return undefined;
  const { text, place } = secret;
  const { problems } = sources;
  const expected = "expected https://discord.com/api/webhooks/<digits>/<token>";
  const source = "Discord (Edit Channel, Integrations, Webhooks)";
  const example = /\/webhooks\/?$|^\w*webhook\w*$/i;
  const given = parseWebUrl(text);
  const isTrial = given !== undefined && isLoopback(given);
  const url = isTrial ? given : parseSecretUrl(text, place, problems, { example, source, expected });
  if (url === undefined) return undefined;
  const wrong = explainBadThread(url);
  if (wrong !== undefined) return problems.add(place, wrong);
  if (!isTrial && !DISCORD.test(withoutSlash(url))) return problems.add(place, expected);
  url.hash = "";
  return url.href;
}

/** Discord ignores a parameter that it does not know: the messages would go to the channel instead. */
function explainBadThread({ searchParams, hash }: URL): string | undefined {
  const digits = "?thread_id= and the thread's id, which is digits (Discord: Copy Thread ID)";
  const misspelt = [...searchParams.keys(), hash.slice(1)].find(
    (name) => /thread|topic/i.test(name) && name !== "thread_id",
  );
  if (misspelt !== undefined) {
    const shown = /^[a-z_-]{1,20}$/i.test(misspelt) ? `${misspelt}=` : "a parameter";
    return `has ${shown} for a thread, which Discord ignores: write ${digits}`;
  }
  const threads = searchParams.getAll("thread_id");
  const isWrong = threads.length > 1 || threads.some((id) => !/^\d+$/.test(id));
  return isWrong ? `expected one ${digits}` : undefined;
}

/**
 * The URL of the healthcheck, if any. Plain http is allowed everywhere, since Uptime Kuma on a home network has no
 * TLS. It is a secret: whoever has the URL can report in the program's place.
 */
export function readHealthcheckUrl(settings: Settings, problems: Problems): string | undefined {
  const place = ["healthcheck_url"];
  const text = settings.healthcheck_url?.trim();
  if (!text) return undefined;
  const url = parseSecretUrl(text, place, problems, {
    example: /^https?:\/\/([^/]*\.)?example\.(com|org|net)\b/i,
    source: "your monitor",
    expected: "expected an https:// or http:// URL without a user name or password",
  });
  if (url === undefined) return undefined;
  if (/\/api\/push\/?$/.test(url.pathname) || (url.hostname === "hc-ping.com" && url.pathname === "/")) {
    return problems.add(place, "is incomplete: copy it from the monitor with what follows the last /");
  }
  url.hash = "";
  const [, pasted] = /[^/]\/+(start|fail|log)\/*$/i.exec(url.pathname) ?? [];
  if (pasted !== undefined && !url.pathname.includes("/api/push/")) {
    url.pathname = url.pathname.replace(/\/+\w+\/*$/, "");
    problems.warn(place, `ends in /${pasted}, which the program adds itself where it is due: remove it`);
  }
  warnOfPlainHttp(url, "it and report in this program's place", place, problems);
  return url.href;
}

/** A part of a URL that is an example's, maybe as a browser has encoded it. */
const EXAMPLE_PART = /^(uuid|slug|ping[_-]?key|((push|webhook)[_-]?)?token|%3C.*%3E)$/i;

/** Parses a URL that no problem repeats. An `example` is one like placeholders are. */
function parseSecretUrl(
  text: string,
  place: Place,
  problems: Problems,
  { example, source, expected }: { example: RegExp; source: string; expected: string },
): URL | undefined {
  if (/^["'`“‘«]|["'`”’»]$|^[<[(].*:\/\//.test(text)) {
    return problems.add(place, "is in quotes or brackets: write the URL alone");
  }
  const path = text.replace(/^https?:\/\/[^/]*|[?#].*/gi, "");
  if (example.test(text) || path.split("/").some((part) => isPlaceholder(part) || EXAMPLE_PART.test(part))) {
    return problems.add(place, `is a placeholder: copy the URL from ${source}, or set it to ""`);
  }
  return parseWebUrl(text) ?? problems.add(place, expected);
}

/** Warns where others on the network could read `what`. */
export function warnOfPlainHttp(url: URL, what: string, place: Place, problems: Problems): void {
  if (url.protocol === "https:" || isLoopback(url)) return;
  problems.warn(place, `is plain http: anyone on the network between can read ${what}; use https if you can`);
}

/** Parses an http or https URL; undefined for anything else, or one with a user name or password. */
export function parseWebUrl(text: string): URL | undefined {
  if (/[\s\p{Cc}]/u.test(text) || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && !url.username && !url.password ? url : undefined;
}

/** Without query and the slashes at its end. */
export function withoutSlash(url: URL): string {
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

/** Whether the URL leads to this machine: `localhost`, 127.0.0.0/8 or `[::1]`. */
function isLoopback(url: URL): boolean {
  // URL has already written every spelling of an IPv4 address as four numbers.
  return url.hostname === "localhost" || url.hostname === "[::1]" || /^127(\.\d+){3}$/.test(url.hostname);
}
