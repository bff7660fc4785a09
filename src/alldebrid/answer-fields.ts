import * as v from "valibot";

/** Ids come as integers or as strings of digits; what a number can't hold exactly is no id. */
export const magnetId = v.pipe(
  v.union([
    v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    v.pipe(v.string(), v.regex(/^0*[1-9]\d{0,19}$/)),
  ]),
  v.transform((value) => String(value).replace(/^0+/, "")),
);

/** A field that is of no use when it has another type than documented. */
export const optionalText = v.fallback(v.optional(v.string()), undefined);

/** An error of AllDebrid's, of a whole request or in a magnet's place. */
export const apiError = v.object({
  code: v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((value) => String(value)),
  ),
  message: optionalText,
});

const anyObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

const magnetsData = v.object({ magnets: v.union([v.array(v.unknown()), anyObject]) });

/**
 * The entries of `data.magnets`, unread: it is an array, an object keyed by strings, or (asked for one) the entry
 * itself. Nothing when there is no such thing.
 */
export function entriesOf(data: unknown): unknown[] | undefined {
  const parsed = v.safeParse(magnetsData, data);
  if (!parsed.success) return undefined;
  const { magnets } = parsed.output;
  return !Array.isArray(magnets) && isEntry(magnets) ? [magnets] : Object.values(magnets);
}

function isEntry(magnets: Record<string, unknown>): boolean {
  return ["id", "magnet"].some((key) => Object.hasOwn(magnets, key) && typeof magnets[key] !== "object");
}
