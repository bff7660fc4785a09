import type { ArrConfig } from "../core/settings.ts";
import { isLocalHost, withoutBrackets } from "../http/proxy.ts";
import { SHOWN_NAME, showsKey } from "./accounts.ts";
import { isPlaceholder, parseWebUrl, warnOfPlainHttp, withoutSlash } from "./addresses.ts";
import { readSecret } from "./files.ts";
import type { Place, Problems, Sources } from "./problems.ts";
import type { Settings } from "./schema.ts";

const KEY_PLACE = "copy the API key from the server's Settings, General";

/** Reads the Sonarrs and Radarrs that can be used. Problems repeat neither an address nor a key. */
export function readArrs(entries: Settings["arrs"], sources: Sources): readonly ArrConfig[] {
  const { problems } = sources;
  const names = new Set<string>();
  const urls = new Set<string>();
  return entries.flatMap((entry, index) => {
    if (entry === null) return [];
    const place = ["arrs", index];
    const name = entry.name.trim();
    const url = readServerUrl(entry.url.trim(), [...place, "url"], problems);
    const key = readKey(entry, place, sources);
    const wrong = showsKey(name, key === undefined ? [] : [key])
      ? SHOWN_NAME
      : names.has(name) && "is the name of another server: give each its own name";
    if (wrong) problems.add([...place, "name"], wrong);
    if (url !== undefined && urls.has(url)) {
      problems.add([...place, "url"], "is the URL of another server: list each server once");
    }
    names.add(name);
    if (url !== undefined) urls.add(url);
    return key === undefined || url === undefined || wrong ? [] : { name, url, key };
  });
}

type Entry = NonNullable<Settings["arrs"][number]>;

function readKey({ api_key: value, api_key_file: path }: Entry, place: Place, sources: Sources) {
  const { problems } = sources;
  if (value === undefined && path === undefined) {
    return problems.add(place, `expected api_key or api_key_file, got neither: ${KEY_PLACE}`);
  }
  const secret = readSecret({ value, path, place: [...place, "api_key"] }, sources);
  if (secret === undefined) return undefined;
  const { text, place: keyPlace } = secret;
  if (text === "") return problems.add(keyPlace, `is empty: ${KEY_PLACE}`);
  if (isPlaceholder(text)) return problems.add(keyPlace, `is a placeholder: ${KEY_PLACE}`);
  if (/^[\w.~+-]{1,512}$/.test(text)) return text;
  return problems.add(keyPlace, `can't be a key, which is letters and digits: ${KEY_PLACE}`);
}

/** An address as the browser shows it, with a base path if the server has one; the result ends without a slash. */
function readServerUrl(text: string, place: Place, problems: Problems): string | undefined {
  const url = parseWebUrl(text);
  if (!url || url.search || url.hash || isPlaceholder(withoutBrackets(url.hostname))) {
    const like = "such as http://127.0.0.1:8989 or http://nas:7878/radarr";
    const without = "without user name, password, ? or #";
    return problems.add(place, `expected the URL of a Sonarr or Radarr, ${like}, ${without}`);
  }
  if (/\/api(\/v\d+(\/.*)?)?\/*$/.test(url.pathname)) {
    return problems.add(place, "leads to the API: write the URL of the server's start page, without /api");
  }
  if (url.protocol === "http:" && !isLocalHost(url.hostname)) {
    return problems.add(place, "must start with https://: plain http is for hosts on your own network");
  }
  warnOfPlainHttp(url, "the API key", place, problems);
  return withoutSlash(url);
}
