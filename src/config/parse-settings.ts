import * as v from "valibot";
import { describeIssue } from "./describe-issue.ts";
import type { Problem } from "./problem.ts";
import {
  accountEntry,
  configSchema,
  ENTRY_EXPECTED,
  RETRIES_EXPECTED,
  retriesByStatus,
  type Settings,
} from "./schema.ts";
import { unknownKeys } from "./unknown-keys.ts";

/** What could be made of the config file's content. */
export interface ParsedSettings {
  /** With the default in place of each value that is wrong. */
  readonly settings: Settings;
  /** Positions in `api_keys` whose entries are wrong and to be passed over; `all` when it is no list. */
  readonly badEntries: ReadonlySet<number> | "all";
  readonly problems: readonly Problem[];
}

/** Checks the config file's content against the schema and for unknown keys; finds all problems at once. */
export function parseSettings(content: Record<string, unknown>): ParsedSettings {
  const { issues = [] } = v.safeParse(configSchema, content, { abortPipeEarly: true });
  const wrong = [...listsForObjects(content), ...issues.flatMap((issue) => describeIssue(issue))];
  const problems = [...allUnknownKeys(content), ...wrong];
  return { ...withoutWrongValues(content, wrong), problems };
}

function allUnknownKeys(content: Record<string, unknown>): Problem[] {
  return [
    ...unknownKeys(content, Object.keys(configSchema.entries), []),
    ...unknownKeys(content.max_retries, Object.keys(retriesByStatus.entries), ["max_retries"]),
    ...entriesOf(content).flatMap((entry, index) =>
      unknownKeys(entry, Object.keys(accountEntry.entries), ["api_keys", index]),
    ),
  ];
}

// valibot takes a list for an object.
function listsForObjects(content: Record<string, unknown>): Problem[] {
  const problem = (path: Problem["path"], text: string) => ({
    inFile: true,
    path,
    text: `${text}, got a list`,
  });
  return [
    ...(Array.isArray(content.max_retries) ? [problem(["max_retries"], RETRIES_EXPECTED)] : []),
    ...entriesOf(content).flatMap((entry, index) =>
      Array.isArray(entry) ? [problem(["api_keys", index], ENTRY_EXPECTED)] : [],
    ),
  ];
}

function entriesOf(content: Record<string, unknown>): unknown[] {
  return Array.isArray(content.api_keys) ? content.api_keys : [];
}

function withoutWrongValues(
  content: Record<string, unknown>,
  wrong: readonly Problem[],
): Omit<ParsedSettings, "problems"> {
  const kept = { ...content };
  const bad = new Set<number>();
  for (const { path } of wrong) {
    const [root, index] = path;
    if (root === "api_keys" && typeof index === "number") bad.add(index);
    else if (typeof root === "string") delete kept[root];
  }
  const allBad = "api_keys" in content && !("api_keys" in kept);
  if (Array.isArray(kept.api_keys)) {
    kept.api_keys = kept.api_keys.map((entry, index) => (bad.has(index) ? {} : entry));
  }
  return { settings: v.parse(configSchema, kept), badEntries: allBad ? "all" : bad };
}
