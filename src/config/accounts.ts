import { createHash } from "node:crypto";
import { isPlaceholder } from "./addresses.ts";
import { readSecret, type SecretSetting, secretVariable } from "./files.ts";
import type { Place, Problems, Sources } from "./problems.ts";
import type { Settings } from "./schema.ts";

/** Names a secret without revealing it: the first 16 hex digits of its SHA-256. */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}

/**
 * Reads the accounts of `$MAGNETS_API_KEYS` or the file that `$MAGNETS_API_KEYS_FILE` names, else of `api_keys`
 * (`entries`). Returns those that can be used: each key once, and no name that gives away a key.
 */
export function readAccounts(entries: Settings["api_keys"], sources: Sources) {
  const { env, problems } = sources;
  const variable = secretVariable("MAGNETS_API_KEYS", env);
  const given = variable ? givenByVariable(variable, sources) : givenByFile(entries, problems);
  const read = given.map(({ place, name, key: value, key_file: path }) => {
    if (value === undefined && path === undefined) {
      problems.add(place, "expected key or key_file, got neither");
    }
    const secret = readSecret({ value, path, place }, sources);
    const wrong = secret && explainBadKey(secret.text);
    if (secret && wrong !== undefined) problems.add(secret.place, wrong);
    const position = Number(place[1]) + 1;
    const namePlace = name === undefined ? place : [...place.slice(0, 2), "name"];
    const key = wrong === undefined ? secret : undefined;
    return { position, name: name?.trim() ?? `account ${position}`, namePlace, key };
  });
  const keys = read.flatMap(({ key }) => key?.text ?? []);
  const used: { name: string; key: string; fingerprint: string }[] = [];
  for (const { position, name, namePlace, key } of read) {
    const isShownKey = showsKey(name, keys);
    if (isShownKey) problems.add(namePlace, SHOWN_NAME);
    if (key === undefined) continue;
    const first = read.find((other) => other.key?.text === key.text)?.position;
    if (first !== position) {
      problems.warn(key.place, `is the same as key ${first}, so it is used only once`);
    } else if (used.some((account) => account.name === name)) {
      problems.add(namePlace, "is the name of another account: give each its own name");
    } else if (!isShownKey) used.push({ name, key: key.text, fingerprint: fingerprint(key.text) });
  }
  return used;
}

/** A key as it was given; the second step of its place is its position among all that were given. */
type GivenKey = Exclude<NonNullable<Settings["api_keys"]>[number], string | null> & { readonly place: Place };

/** Keys separated by commas, or one on each line. */
function givenByVariable(variable: SecretSetting, sources: Sources): GivenKey[] {
  const list = readSecret(variable, sources);
  if (list === undefined) return [];
  const { text, place } = list;
  // A JSON list, or all of them in quotes.
  const wrong = /^[[{"'`]/.test(text) ? explainBadKey(text) : undefined;
  const keys = wrong === undefined ? text.split(/[,\r\n]/).flatMap((key) => key.trim() || []) : [];
  if (keys.length === 0) {
    sources.problems.add(place, wrong ?? "contains only commas: set it to one or more keys");
  }
  return keys.map((key, index) => ({ key, place: [...place, index] }));
}

function givenByFile(entries: Settings["api_keys"], problems: Problems): GivenKey[] {
  if (entries === undefined || entries?.length === 0) {
    const add = "add at least one AllDebrid key (https://alldebrid.com/apikeys), or set MAGNETS_API_KEYS";
    problems.add(["api_keys"], `${entries ? "is empty" : "is missing"}: ${add}`);
  }
  return (entries ?? []).flatMap((entry, index): GivenKey | [] => {
    if (entry === null) return [];
    const place = ["api_keys", index];
    return typeof entry === "string" ? { key: entry, place } : { ...entry, place: [...place, "key"] };
  });
}

const COPY = "copy it again from https://alldebrid.com/apikeys";
const EACH = "write each as an entry of its own, or with commas between them in MAGNETS_API_KEYS";

/** What is written where a key belongs, and what to do. The first that matches counts. */
const NOT_KEYS: readonly (readonly [RegExp, string])[] = [
  [/^$/, "is empty"],
  [/^\[\s*["'[{]|^\{\s*["']/, "looks like JSON: write the keys themselves"],
  [/[${]|%\w+%|^%|^![a-z]|<%|^@\w+@$/i, "looks like a variable that nothing has replaced: write the key"],
  [/\/api\/webhooks/i, "looks like a Discord webhook: its place is discord_webhook_url"],
  [/^magnet:/i, "looks like a magnet link, not a key"],
  [/:\/\/|^www\.|^\w+\.com\//i, "looks like a URL, not a key"],
  [/^[\w-]{8,}([\s,;|]+[\w-]{8,})+[,;|]?$/, `looks like several keys: ${EACH}`],
  [/^["'`]|["'`]$/, "is in quotes: remove them (an env file needs none)"],
  [/^[^\s@]+@[^\s@]+$/, "looks like a mail address, not a key"],
  [/^[,;|]|[,;|]$/, "looks like a piece of a list: write the key alone"],
  [/^#/, "looks like a comment: remove it"],
  [/^(bearer|token)\s/i, "begins with a word that is not part of the key: remove it"],
  [/[/\\]|^~|\.(txt|key|json|env|conf|secret)$/i, 'looks like a path: write {"key_file": "…"}'],
  [/^[^\s=:]+\s*[=:]/, 'looks like a name and a key: write {"name": "…", "key": "…"}, or the key alone'],
  [/\s/, `contains a space or a line break: ${COPY}`],
  [/[^\w.~+-]/, `contains a character that no key has: ${COPY}`],
  [/^.{513}/, `is too long for a key: ${COPY}`],
];

/** What is wrong with a key, if anything, and what to do, without repeating it. */
function explainBadKey(key: string): string | undefined {
  if (!/["'$%{]/.test(key) && isPlaceholder(key)) {
    return "is a placeholder: replace it with one of your AllDebrid keys (https://alldebrid.com/apikeys)";
  }
  return NOT_KEYS.find(([pattern]) => pattern.test(key))?.[1];
}

export const SHOWN_NAME = "contains what looks like a key, and names are shown: choose another name";

/** Whether a name holds one of the keys, or what could be one: AllDebrid's are twenty letters and digits. */
export function showsKey(name: string, keys: readonly string[]): boolean {
  const words = name.match(/[a-z\d]{16,}/gi) ?? [];
  const isKeyLike = words.some((word) => /\d/.test(word) && /[a-z]/i.test(word));
  // Short keys (in trials only) may be part of a word.
  return isKeyLike || keys.some((key) => name === key || (key.length >= 12 && name.includes(key)));
}
