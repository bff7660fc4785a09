import type * as v from "valibot";
import { isSecretPath, type Problem } from "./problem.ts";

type Path = Problem["path"];

/**
 * Turns one finding of the schema into problems: what was expected and, where that tells no secret, what was found.
 * `parent` is where the value that the issue's own path starts from lies.
 */
export function describeIssue(issue: v.BaseIssue<unknown>, parent: Path = []): Problem[] {
  const path = [...parent, ...(issue.path ?? []).map((item) => item.key as string | number)];
  // Of the shapes a union offers, the one that matched beyond its outermost type is the one that was meant.
  const deeper = issue.issues?.filter((inner) => inner.path !== undefined) ?? [];
  if (deeper.length > 0) return deeper.flatMap((inner) => describeIssue(inner, path));
  return [{ inFile: true, path, text: `${issue.message}, got ${describeValue(issue.input, path)}` }];
}

// What could be a secret is named by its kind alone.
function describeValue(value: unknown, path: Path): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  switch (typeof value) {
    case "string":
      return describeText(value, path);
    case "number":
      if (!Number.isFinite(value)) return "a number too large";
      return isSecretPath(path) ? "a number" : String(value);
    case "boolean":
      return String(value);
    default:
      return "an object";
  }
}

function describeText(text: string, path: Path): string {
  if (text.trim() === "") return "an empty text";
  // Only what can't be a misplaced key is repeated.
  const harmless =
    /^[-+]?[\d.,]{1,15}$/.test(text) ||
    ((path[0] === "log_level" || path[0] === "language") && /^[a-z]{1,12}$/i.test(text));
  return harmless && !isSecretPath(path) ? `"${text}"${/\d/.test(text) ? " in quotes" : ""}` : "text";
}
