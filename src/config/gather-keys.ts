import type { KeyCandidate } from "./collect-accounts.ts";
import type { Problem } from "./problem.ts";
import { readSecretFile } from "./read-secret-file.ts";
import type { AccountEntry } from "./schema.ts";

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
