import { createHash } from "node:crypto";
import { isPlaceholder } from "./addresses.ts";
import { readSecret, type SecretSetting, type Sources, secretVariable } from "./files.ts";
import { findOddCharacters } from "./parse-json.ts";
import type { Place, Problems } from "./problems.ts";
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
  const used: { name: string; key: string; fingerprint: string }[] = [];
  const names: { name: string; namePlace: Place }[] = [];
  const positions = new Map<string, number>();
  for (const { place, name: givenName, key: value, key_file: path } of given) {
    const position = Number(place[1]) + 1;
    const name = givenName?.trim() ?? `account ${position}`;
    const namePlace = givenName === undefined ? place : [...place.slice(0, 2), "name"];
    names.push({ name, namePlace });
    if (value === undefined && path === undefined) {
      problems.add(place, "expected key or key_file, got neither");
    }
    const secret = readSecret({ value, path, place }, sources);
    if (secret === undefined) continue;
    const key = secret.text;
    const wrong = explainBadKey(key);
    const same = positions.get(key);
    positions.set(key, same ?? position);
    if (wrong !== undefined) problems.add(secret.place, wrong);
    else if (same !== undefined) {
      problems.warn(secret.place, `is the same as key ${same}, so it is used only once`);
    } else {
      if (used.some((account) => account.name === name)) {
        problems.add(namePlace, "is the name of another account: give each its own name");
      }
      used.push({ name, key, fingerprint: fingerprint(key) });
    }
  }
  // Short keys (in trials only) may be part of a word.
  const showsKey = (name: string) =>
    looksLikeKey(name) ||
    [...positions.keys()].some((key) => name === key || (key.length >= 12 && name.includes(key)));
  for (const { name, namePlace } of names) {
    if (showsKey(name)) problems.add(namePlace, SHOWN_NAME);
  }
  return used.filter(({ name }) => !showsKey(name));
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
    const what = entries ? "is empty" : "is missing";
    const add = "add at least one AllDebrid key (https://alldebrid.com/apikeys), or set MAGNETS_API_KEYS";
    problems.add(["api_keys"], `${what}: ${add}`);
  }
  return (entries ?? []).flatMap((entry, index): GivenKey | [] => {
    const place = ["api_keys", index];
    if (entry === null) return [];
    return typeof entry === "string" ? { key: entry, place } : { ...entry, place: [...place, "key"] };
  });
}

const COPY = "copy it again from https://alldebrid.com/apikeys";
const QUOTES = "is in quotes: remove them (an env file needs none)";
const EACH = "write each as an entry of its own, or with commas between them in MAGNETS_API_KEYS";

/** What is written where a key belongs, and what to do. The first that matches counts. */
const NOT_KEYS: readonly (readonly [RegExp, string])[] = [
  [/^\[\s*["'[{]|^\{\s*["']/, "looks like JSON: write the keys themselves"],
  [
    /[${]|%\w+%|^%|^![a-z]|<%|^@\w+@$/i,
    "looks like a variable that nothing has replaced: write the key itself",
  ],
  [/\/api\/webhooks/i, "looks like a Discord webhook: its place is discord_webhook_url"],
  [/^magnet:/i, "looks like a magnet link, not a key"],
  [/:\/\/|^www\.|^\w+\.com\//i, "looks like a URL, not a key"],
  [/^[\w-]{8,}(\s*[,;|\s]\s*[\w-]{8,})+[,;|]?$/, `looks like several keys: ${EACH}`],
  [/^(["'`“”«»‘’]).*|["'`“”«»‘’]$/s, QUOTES],
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
  if (key === "") return "is empty";
  const odd = findOddCharacters(key).find(({ what }) => !what.includes("quote"));
  if (odd !== undefined) return `contains ${odd.what}: ${COPY}`;
  if (!/["'$%{]/.test(key) && isPlaceholder(key)) {
    return "is a placeholder: replace it with one of your AllDebrid keys (https://alldebrid.com/apikeys)";
  }
  return NOT_KEYS.find(([pattern]) => pattern.test(key))?.[1];
}

const SHOWN_NAME = "contains what looks like a key, and names are shown: choose another name";

/** AllDebrid's keys are twenty letters and digits. */
export function looksLikeKey(name: string): boolean {
  const words = name.match(/[a-z\d]{16,}/gi) ?? [];
  return words.some((word) => /\d/.test(word) && /[a-z]/i.test(word));
}
