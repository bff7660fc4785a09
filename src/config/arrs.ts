import type { ArrConfig } from "../core/settings.ts";
import { isLocalHost } from "../http/proxy.ts";
import { looksLikeKey } from "./accounts.ts";
import { isLoopback, isPlaceholder, parseWebUrl } from "./addresses.ts";
import { readSecret, type Sources } from "./files.ts";
import type { Place, Problems } from "./problems.ts";
import type { Settings } from "./schema.ts";

const KEY_PLACE = "copy the API key from the server's Settings, General";

/** Reads the Sonarrs and Radarrs that can be used. Problems repeat neither an address nor a key. */
export function readArrs(entries: Settings["arrs"], sources: Sources): readonly ArrConfig[] {
  const { problems } = sources;
  const names = new Set<string>();
  const urls = new Set<string>();
  const used: ArrConfig[] = [];
  for (const [index, entry] of entries.entries()) {
    if (entry === null) continue;
    const place = ["arrs", index];
    const name = entry.name.trim();
    const url = readServerUrl(entry.url.trim(), [...place, "url"], problems);
    if (entry.api_key === undefined && entry.api_key_file === undefined) {
      problems.add(place, `expected api_key or api_key_file, got neither: ${KEY_PLACE}`);
    }
    const key = { value: entry.api_key, path: entry.api_key_file, place: [...place, "api_key"] };
    const secret = readSecret(key, sources);
    const wrong = secret && explainBadKey(secret.text);
    if (secret && wrong !== undefined) problems.add(secret.place, wrong);
    const isShownKey = looksLikeKey(name) || (secret && wrong === undefined && name.includes(secret.text));
    if (isShownKey) {
      problems.add([...place, "name"], "contains what looks like a key, and names are shown: choose another");
    }
    const isTaken = names.has(name);
    if (isTaken) problems.add([...place, "name"], "is the name of another server: give each its own name");
    if (url !== undefined && urls.has(url)) {
      problems.add([...place, "url"], "is the URL of another server: list each server once");
    }
    names.add(name);
    if (url !== undefined) urls.add(url);
    if (secret && wrong === undefined && url !== undefined && !isShownKey && !isTaken) {
      used.push({ name, url, key: secret.text });
    }
  }
  return used;
}

/** An address as the browser shows it, with a base path if the server has one; the result ends without a slash. */
function readServerUrl(text: string, place: Place, problems: Problems): string | undefined {
  const url = parseWebUrl(text);
  // The brackets of an IPv6 address are not those of a placeholder.
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  if (url === undefined || url.search !== "" || url.hash !== "" || isPlaceholder(host)) {
    const like = "such as http://127.0.0.1:8989 or http://nas:7878/radarr";
    return problems.add(
      place,
      `expected the URL of a Sonarr or Radarr, ${like}, without user name, password, ? or #`,
    );
  }
  if (/\/api(\/v\d+(\/.*)?)?\/*$/.test(url.pathname)) {
    return problems.add(place, "leads to the API: write the URL of the server's start page, without /api");
  }
  if (url.protocol === "http:" && !isLocalHost(url.hostname)) {
    return problems.add(place, "must start with https://: plain http is for hosts on your own network");
  }
  if (url.protocol === "http:" && !isLoopback(url)) {
    problems.warn(
      place,
      "is plain http: anyone on the network between can read the API key; use https if you can",
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
}

function explainBadKey(key: string): string | undefined {
  if (key === "") return `is empty: ${KEY_PLACE}`;
  if (isPlaceholder(key)) return `is a placeholder: ${KEY_PLACE}`;
  return /^[\w.~+-]{1,512}$/.test(key)
    ? undefined
    : `can't be a key, which is letters and digits: ${KEY_PLACE}`;
}
