import * as v from "valibot";

/** What a magnet's id looks like: digits without leading zeros, as many as 64 bits can have. */
export const MAGNET_ID = /^(?:0|[1-9]\d{0,19})$/;

/** A magnet's id. */
export const MagnetId = v.pipe(v.string(), v.regex(MAGNET_ID));

const MOMENT =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?$/;

// Functions, because they are asked of every field of every counter at every start: a schema takes ten times as long.

/** Whether it is a text. */
export const isText = (value: unknown): boolean => typeof value === "string";

/** Whether it is true or false. */
export const isFlag = (value: unknown): boolean => typeof value === "boolean";

/** Whether it is a count: a whole number, ≥ 0. */
export const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** Whether it is a quantity, ≥ 0. */
export const isQuantity = (value: unknown): boolean => Number.isFinite(value) && (value as number) >= 0;

/** Whether it is a moment, ISO 8601: nothing that `Date.parse` could not read, and tested far quicker. */
export const isMoment = (value: unknown): boolean => typeof value === "string" && MOMENT.test(value);

/** A count. */
export const Count = v.custom<number>(isCount);

/** A quantity. */
export const Quantity = v.custom<number>(isQuantity);

/** A moment. */
export const Moment = v.custom<string>(isMoment);
