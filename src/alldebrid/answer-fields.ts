import * as v from "valibot";

/** Numbers come as such or as strings of digits. One function of each, since lists are long, and a union of pipes makes ten times the garbage. */
export function numberOrDigits(isNumber: (value: number) => boolean, digits: RegExp) {
  return v.custom<number | string>((value) =>
    typeof value === "string" ? digits.test(value) : typeof value === "number" && isNumber(value),
  );
}

/** Ids: what a number can't hold exactly is none. */
export const magnetId = v.pipe(
  numberOrDigits((value) => Number.isSafeInteger(value) && value >= 1, /^0*[1-9]\d{0,19}$/),
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
