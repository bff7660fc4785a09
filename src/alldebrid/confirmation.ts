import * as v from "valibot";

/** Whether `data` holds the message with which AllDebrid confirms a single restart or deletion. */
export function isConfirmation(data: unknown): boolean {
  return v.is(v.object({ message: v.string() }), data);
}
