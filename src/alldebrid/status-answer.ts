import * as v from "valibot";
import { normalizeHash } from "../core/info-hash.ts";
import type { Magnet } from "../core/magnet.ts";
import type { MagnetList } from "../core/ports.ts";
import { apiError, entriesOf, magnetId, numberOrDigits, optionalText } from "./answer-fields.ts";

const count = v.pipe(
  numberOrDigits((value) => Number.isFinite(value) && value >= 0, /^\d{1,15}$/),
  v.transform(Number),
);

const code = v.pipe(numberOrDigits(Number.isInteger, /^\d{1,3}$/), v.transform(Number));

/** Spelled as it came; what is no info hash can't bring a magnet back. */
const infoHash = v.fallback(
  v.optional(
    v.pipe(
      v.string(),
      v.check((text) => normalizeHash(text) !== undefined),
      v.trim(),
    ),
  ),
  undefined,
);

/** An error in a magnet's place, under either of the names that ids go by. */
const refusedMagnet = v.pipe(
  v.union([v.object({ id: magnetId, error: apiError }), v.object({ magnet: magnetId, error: apiError })]),
  v.transform((entry) => ({ id: "id" in entry ? entry.id : entry.magnet, code: entry.error.code })),
);

/** What makes an entry a magnet. `statusCode` may be left out but not be anything else: whether it is ready hangs on it. */
const essentials = { id: magnetId, statusCode: v.nullish(code) };

const anyMagnet = v.object(essentials);

const magnet = v.pipe(
  v.object({
    ...essentials,
    filename: optionalText,
    size: v.fallback(v.optional(count), undefined),
    hash: infoHash,
    status: optionalText,
  }),
  // Field by field: V8 gives each object that is made by spreading a hidden class of its own, as large as the object.
  v.transform(
    ({ id, filename, size, hash, status, statusCode }): Magnet => ({
      id,
      filename,
      size,
      hash,
      statusText: status,
      statusCode: statusCode ?? undefined,
    }),
  ),
);

/** What an answer of `/v4.1/magnet/status` holds. */
export interface StatusAnswer extends MagnetList {
  /** Codes of errors that stand in a magnet's place, by id. */
  readonly errors: ReadonlyMap<string, string>;
}

/**
 * Reads `data` of `/v4.1/magnet/status` in its three shapes; nothing when it has none of them. Magnets whose ids are
 * not `wanted` are left out.
 */
export function readMagnets(data: unknown, wanted?: (id: string) => boolean): StatusAnswer | undefined {
  const entries = entriesOf(data);
  if (!entries) return undefined;
  const good: Magnet[] = [];
  let unwanted = 0;
  const errors = new Map<string, string>();
  for (const entry of entries) {
    const refused = hasError(entry) ? v.safeParse(refusedMagnet, entry) : undefined;
    if (refused?.success) {
      errors.set(refused.output.id, refused.output.code);
      continue;
    }
    if (wanted && isUnwanted(entry, wanted)) {
      unwanted++;
      continue;
    }
    const read = v.safeParse(magnet, entry);
    if (read.success) good.push(read.output);
  }
  return { magnets: good, malformed: entries.length - good.length - unwanted, errors };
}

/** A magnet, but none that is wanted: not worth reading the rest of it. */
function isUnwanted(entry: unknown, wanted: (id: string) => boolean): boolean {
  const read = v.safeParse(anyMagnet, entry);
  return read.success && !wanted(read.output.id);
}

function hasError(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && Object.hasOwn(entry, "error");
}
