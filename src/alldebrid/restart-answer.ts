import * as v from "valibot";
import { apiError, entriesOf, magnetId, optionalText } from "./answer-fields.ts";

/** One entry of `data.magnets` of `/v4/magnet/restart`. */
const restartEntry = v.object({ magnet: magnetId, message: optionalText, error: v.nullish(apiError) });

/** What one entry of a batched restart says. */
export type RestartEntry = v.InferOutput<typeof restartEntry>;

/** Reads a batched restart's entries; malformed ones are left out. Nothing when it is no such answer. */
export function readRestarts(data: unknown): RestartEntry[] | undefined {
  return entriesOf(data)?.flatMap((entry) => {
    const read = v.safeParse(restartEntry, entry);
    return read.success && (read.output.error || read.output.message !== undefined) ? [read.output] : [];
  });
}
