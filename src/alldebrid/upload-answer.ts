import * as v from "valibot";
import { normalizeHash } from "../core/info-hash.ts";
import { apiError, entriesOf, magnetId, optionalText } from "./answer-fields.ts";

const uploadEntry = v.object({
  /** What was sent. */
  magnet: optionalText,
  /** In small hex digits. */
  hash: v.fallback(v.optional(v.pipe(v.string(), v.transform(normalizeHash))), undefined),
  id: v.fallback(v.optional(magnetId), undefined),
  /** It is complete already. */
  ready: v.fallback(v.optional(v.boolean()), undefined),
  error: v.nullish(apiError),
});

/** One entry of `data.magnets` of `/v4/magnet/upload`. */
export type UploadEntry = v.InferOutput<typeof uploadEntry>;

/** Reads the entries; malformed ones are left out. Nothing when it is no such answer. */
export function readUploads(data: unknown): UploadEntry[] | undefined {
  return entriesOf(data)?.flatMap((entry) => {
    const read = v.safeParse(uploadEntry, entry);
    return read.success ? [read.output] : [];
  });
}
