import * as v from "valibot";

/** What a magnet's id looks like: digits without leading zeros, as many as 64 bits can have. */
export const MAGNET_ID = /^(?:0|[1-9]\d{0,19})$/;

/** A magnet's id. */
export const MagnetId = v.pipe(v.string(), v.regex(MAGNET_ID));

/** A count: a whole number, ≥ 0. */
export const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

/** A quantity, ≥ 0. */
export const Quantity = v.pipe(v.number(), v.finite(), v.minValue(0));

/** A moment, ISO 8601: nothing that `Date.parse` could not read, and tested far quicker. */
export const Moment = v.pipe(
  v.string(),
  v.regex(
    /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/,
  ),
);
