import { checkKey } from "./check-key.ts";
import type { AccountConfig } from "./config.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Problem } from "./problem.ts";

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
