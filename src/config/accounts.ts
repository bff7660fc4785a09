import { createHash } from "node:crypto";
import { isPlaceholder } from "./addresses.ts";
import type { AccountConfig, Problem } from "./config.ts";
import { readSecretFile } from "./read-files.ts";
import type { AccountEntry } from "./schema.ts";

/** Names a secret without revealing it: the first 16 hex digits of its SHA-256. */
export function fingerprint(secret: string): string {
  return createHash("sha256").update(secret).digest("hex").slice(0, 16);
}

/**
 * What is wrong with an API key, if anything, without repeating it. Anything but visible ASCII can't be sent in a
 * header.
 */
export function checkKey(key: string): string | undefined {
  if (key === "") return "is empty";
  if (isPlaceholder(key)) {
    return "is a placeholder: put one of your AllDebrid keys there (https://alldebrid.com/apikeys)";
  }
  if (/\s/.test(key)) return "holds a space or a line break in its middle";
  if (!/^[\x21-\x7e]+$/.test(key)) return "holds control or non-ASCII characters, which no key does";
  if (key.length > 512) return "is too long to be a key";
  return undefined;
}

/** A key that was found, before it is checked. */
export interface KeyCandidate {
  readonly key: string;
  /** The name given to the account. */
  readonly name?: string | undefined;
  /** From 1: its place among all that were given. */
  readonly position: number;
  readonly path: Problem["path"];
  readonly inFile: boolean;
}

/** The accounts whose keys can be used, and what is to be said of the others. */
export interface Accounts {
  readonly accounts: readonly AccountConfig[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Checks keys and names: each key is used once, each name stands for one account. */
export function collectAccounts(candidates: readonly KeyCandidate[]): Accounts {
  const accounts: AccountConfig[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  const positions = new Map<string, number>();
  for (const { key, position, path, inFile, ...candidate } of candidates) {
    const name = candidate.name?.trim() ?? `account ${position}`;
    const say = (text: string): Problem => ({ path, inFile, text });
    const wrong = checkKey(key);
    if (wrong !== undefined) {
      problems.push(say(`key ${position} ${wrong}`));
      continue;
    }
    const same = positions.get(key);
    if (same !== undefined) {
      warnings.push(say(`key ${position} is the same as key ${same}: it is used once`));
      continue;
    }
    positions.set(key, position);
    if (accounts.some((account) => account.name === name)) {
      problems.push(say(`the name of key ${position} is another account's too: give each its own`));
    }
    // Names are shown everywhere.
    if (candidates.some((other) => holds(name, other.key))) {
      problems.push(say(`the name of key ${position} holds a key: give it another name`));
    } else accounts.push({ name, key, fingerprint: fingerprint(key) });
  }
  return { accounts, problems, warnings };
}

// Short keys (in trials only) may be part of a word.
function holds(name: string, key: string): boolean {
  return name === key || (key.length >= 12 && name.includes(key));
}

/** Keys as they were given, unchecked, and what was met on the way to them. */
export interface GatheredKeys {
  readonly candidates: readonly KeyCandidate[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Reads `$MAGNETS_API_KEYS`; undefined when it is not set. */
export function keysFromEnvironment(env: NodeJS.ProcessEnv): GatheredKeys | undefined {
  const text = env.MAGNETS_API_KEYS?.trim();
  if (!text) return undefined;
  const path = ["MAGNETS_API_KEYS"];
  const keys = text.split(",").map((key) => key.trim());
  const candidates = keys
    .filter((key) => key !== "")
    .map((key, index) => ({ key, position: index + 1, path, inFile: false }));
  const problems =
    candidates.length > 0 ? [] : [{ inFile: false, path, text: "holds no key between its commas" }];
  return { candidates, problems, warnings: [] };
}

/** Reads `api_keys` of the config file, key files included. Entries at `badEntries` are passed over. */
export function keysFromFile(
  entries: readonly AccountEntry[] | undefined,
  badEntries: ReadonlySet<number> | "all",
  configFile: string,
  env: NodeJS.ProcessEnv,
): GatheredKeys {
  if (badEntries === "all") return { candidates: [], problems: [], warnings: [] };
  const candidates: KeyCandidate[] = [];
  const problems: Problem[] = [];
  const warnings: Problem[] = [];
  if (entries === undefined || entries.length === 0) {
    const what = entries === undefined ? "is missing" : "is empty";
    const text = `${what}: give it at least one AllDebrid key (https://alldebrid.com/apikeys), or set MAGNETS_API_KEYS`;
    problems.push({ inFile: true, path: ["api_keys"], text });
  }
  for (const [index, entry] of (entries ?? []).entries()) {
    if (badEntries.has(index)) continue;
    const position = index + 1;
    const {
      name,
      key,
      key_file: keyFile,
    } = typeof entry === "string" ? { key: entry } : { key_file: undefined, ...entry };
    const say = (text: string, ...at: string[]): Problem => ({
      inFile: true,
      path: ["api_keys", index, ...at],
      text,
    });
    const candidate = (text: string, ...at: string[]): KeyCandidate => ({
      key: text.trim(),
      name,
      position,
      path: ["api_keys", index, ...at],
      inFile: true,
    });
    if (key !== undefined && keyFile !== undefined) {
      problems.push(say("key and key_file are both given: keep one of the two"));
    } else if (key !== undefined) {
      candidates.push(typeof entry === "string" ? candidate(key) : candidate(key, "key"));
    } else if (keyFile !== undefined) {
      const secret = readSecretFile(keyFile, configFile, env);
      if ("problem" in secret) problems.push(say(secret.problem, "key_file"));
      else candidates.push(candidate(secret.text, "key_file"));
      if ("warning" in secret && secret.warning !== undefined) warnings.push(say(secret.warning, "key_file"));
    } else problems.push(say("expected key or key_file beside the name"));
  }
  return { candidates, problems, warnings };
}
