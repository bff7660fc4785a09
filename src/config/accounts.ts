import { createHash } from "node:crypto";
import { isPlaceholder } from "./addresses.ts";
import type { AccountConfig, Place, Problems } from "./config.ts";
import { readSecret } from "./files.ts";
import type { Settings } from "./settings.ts";

/** Names a secret without revealing it: the first 16 hex digits of its SHA-256. */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}

/**
 * Reads the accounts of `$MAGNETS_API_KEYS`, else of `api_keys` (`entries`). Returns those that can be used: each key
 * once, and no name that gives away a key.
 */
export function readAccounts(
  entries: Settings["api_keys"],
  folder: string,
  env: NodeJS.ProcessEnv,
  problems: Problems,
): AccountConfig[] {
  const variable = { value: env.MAGNETS_API_KEYS?.trim() || undefined };
  const list = readSecret("MAGNETS_API_KEYS", variable, folder, env, problems);
  const given = list ? givenByVariable(list.text, list.place, problems) : givenByFile(entries, problems);
  const used: { account: AccountConfig; namePlace: Place }[] = [];
  const positions = new Map<string, number>();
  for (const { position, place, ...entry } of given) {
    const secret = readSecret(place, { value: entry.key, path: entry.key_file }, folder, env, problems);
    if (secret === undefined) continue;
    const { text: key, place: keyPlace } = secret;
    const wrong = checkKey(key);
    const same = positions.get(key);
    positions.set(key, same ?? position);
    if (wrong !== undefined) problems.add(keyPlace, `key ${position} ${wrong}`);
    else if (same !== undefined) {
      problems.warn(keyPlace, `key ${position} is the same as key ${same}, so it is used only once`);
    } else {
      const name = entry.name?.trim() ?? `account ${position}`;
      const namePlace = entry.name === undefined ? keyPlace : ["api_keys", position - 1, "name"];
      if (used.some(({ account }) => account.name === name)) {
        problems.add(namePlace, `key ${position} has the name of another account: give each its own name`);
      }
      used.push({ account: { name, key, fingerprint: fingerprint(key) }, namePlace });
    }
  }
  const keys = [...positions.keys()];
  return used.flatMap(({ account, namePlace }) => {
    if (!keys.some((key) => givesAway(account.name, key))) return [account];
    return problems.add(namePlace, "contains a key, and names are shown: choose another name") ?? [];
  });
}

/** A key as it was given: itself, which belongs at `place`, or a file. */
interface GivenKey {
  /** From 1: its place among all that were given. */
  readonly position: number;
  readonly place: Place;
  readonly name?: string | undefined;
  readonly key?: string | undefined;
  readonly key_file?: string | undefined;
}

function givenByVariable(text: string, place: Place, problems: Problems): GivenKey[] {
  const keys = text.split(",").flatMap((key) => key.trim() || []);
  if (keys.length === 0) problems.add(place, "contains only commas: set it to one or more keys");
  return keys.map((key, index) => ({ key, position: index + 1, place }));
}

function givenByFile(entries: Settings["api_keys"], problems: Problems): GivenKey[] {
  if (entries === undefined || entries?.length === 0) {
    const what = entries === undefined ? "is missing" : "is empty";
    const add = "add at least one AllDebrid key (https://alldebrid.com/apikeys), or set MAGNETS_API_KEYS";
    problems.add(["api_keys"], `${what}: ${add}`);
  }
  return (entries ?? []).flatMap((entry, index): GivenKey | [] => {
    const place = ["api_keys", index];
    const position = index + 1;
    if (entry === null) return [];
    if (typeof entry === "string") return { key: entry, position, place };
    if (entry.key !== undefined || entry.key_file !== undefined) {
      return { ...entry, position, place: [...place, "key"] };
    }
    return problems.add(place, "expected key or key_file, got neither") ?? [];
  });
}

/** What is wrong with a key, if anything, and what to do, without repeating it. */
function checkKey(key: string): string | undefined {
  const copy = "copy it again from https://alldebrid.com/apikeys";
  if (key === "") return "is empty";
  if (isPlaceholder(key)) {
    return "is a placeholder: replace it with one of your AllDebrid keys (https://alldebrid.com/apikeys)";
  }
  if (/\s/.test(key)) return `contains a space or a line break: ${copy}`;
  // Anything else can't be sent in a header.
  if (!/^[\x21-\x7e]+$/.test(key))
    return `contains characters that no key has (control or non-ASCII): ${copy}`;
  if (key.length > 512) return `is too long for a key: ${copy}`;
  return undefined;
}

// Short keys (in trials only) may be part of a word.
function givesAway(name: string, key: string): boolean {
  return name === key || (key.length >= 12 && name.includes(key));
}
