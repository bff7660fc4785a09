import * as v from "valibot";
import { cleanText } from "../core/safe-text.ts";

/** A saved message, or a webhook: what Discord answers when it did as asked. Its token is not kept. */
const Thing = v.object({
  id: v.union([v.pipe(v.string(), v.nonEmpty()), v.number()]),
  name: v.nullish(v.string()),
});

/** Discord's error object; older answers hold nothing but names of fields. */
const Problem = v.looseObject({
  code: v.fallback(v.optional(v.number()), undefined),
  message: v.fallback(v.optional(v.string()), undefined),
  errors: v.optional(v.unknown()),
});

const RateLimit = v.object({ retry_after: v.union([v.number(), v.pipe(v.string(), v.decimal())]) });

const LONGEST_REASON = 300;
const MOST_DETAILS = 5;
const DEEPEST_DETAIL = 12;

/** The id and cleaned name of a message or webhook; `undefined` when the answer is neither. */
export function readThing(json: unknown): { id: string; name?: string | undefined } | undefined {
  const parsed = v.safeParse(Thing, json);
  if (!parsed.success) return undefined;
  return { id: String(parsed.output.id), name: cleanText(parsed.output.name ?? "", 80) || undefined };
}

/** Discord's code and its reasons in one cleaned line, such as `Invalid Form Body; embeds.0.title: Required`. */
export function readProblem(json: unknown): { code?: number | undefined; reason: string } {
  const parsed = v.safeParse(Problem, json);
  if (!parsed.success) return { reason: "" };
  const { code, message, errors } = parsed.output;
  const details = detailsOf(errors ?? (message === undefined ? json : undefined), []);
  const reason = [message, ...details.slice(0, MOST_DETAILS)].filter(Boolean).join("; ");
  return { code, reason: cleanText(reason, LONGEST_REASON) };
}

/** Seconds to wait that a 429 names in its body. */
export function readRetryAfter(json: unknown): number | undefined {
  const parsed = v.safeParse(RateLimit, json);
  return parsed.success ? Number(parsed.output.retry_after) : undefined;
}

/** Flattens the nested `errors` of an invalid form (code 50035) to `path: message`. */
function detailsOf(errors: unknown, path: readonly string[]): string[] {
  if (typeof errors === "string") return [[path.join("."), errors].filter(Boolean).join(": ")];
  if (typeof errors !== "object" || errors === null || path.length > DEEPEST_DETAIL) return [];
  if ("message" in errors) return detailsOf(errors.message, path);
  if ("_errors" in errors && Array.isArray(errors._errors)) {
    return errors._errors.flatMap((error) => detailsOf(error, path));
  }
  return Object.entries(errors).flatMap(([key, value]) => detailsOf(value, [...path, key]));
}
