import * as v from "valibot";
import { normalizeHash } from "../core/info-hash.ts";
import type { Magnet } from "../core/magnet.ts";
import type { MagnetList } from "../core/ports.ts";

/** Ids come as integers or as strings of digits; what a number can't hold exactly is no id. */
export const magnetId = v.pipe(
  v.union([
    v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    v.pipe(v.string(), v.regex(/^0*[1-9]\d{0,19}$/)),
  ]),
  v.transform((value) => String(value).replace(/^0+/, "")),
);

const count = v.union([
  v.pipe(v.number(), v.finite(), v.minValue(0)),
  v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)),
]);

const code = v.union([
  v.pipe(v.number(), v.integer()),
  v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number)),
]);

/** A field that is of no use when it has another type than documented. */
export const optionalText = v.fallback(v.optional(v.string()), undefined);

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

/** An error of AllDebrid's, of a whole request or in a magnet's place. */
export const apiError = v.object({
  code: v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((value) => String(value)),
  ),
  message: optionalText,
});

/** An error in a magnet's place, under either of the names that ids go by. */
const refusedMagnet = v.pipe(
  v.union([v.object({ id: magnetId, error: apiError }), v.object({ magnet: magnetId, error: apiError })]),
  v.transform((entry) => ({ id: "id" in entry ? entry.id : entry.magnet, code: entry.error.code })),
);

/** One magnet. `statusCode` may be left out but not be anything else: whether it is ready hangs on it. */
const magnet = v.pipe(
  v.object({
    id: magnetId,
    filename: optionalText,
    size: v.fallback(v.optional(count), undefined),
    hash: infoHash,
    status: optionalText,
    statusCode: v.nullish(code),
  }),
  v.transform(
    ({ status, statusCode, ...rest }): Magnet => ({
      ...rest,
      statusText: status,
      statusCode: statusCode ?? undefined,
    }),
  ),
);

const anyObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** `data.magnets`: an array, an object keyed by strings, or (asked by id) the magnet itself. */
export const magnetsData = v.object({ magnets: v.union([v.array(v.unknown()), anyObject]) });

/** What an answer of `/v4.1/magnet/status` holds. */
export interface StatusAnswer extends MagnetList {
  /** Codes of errors that stand in a magnet's place, by id. */
  readonly errors: ReadonlyMap<string, string>;
}

/** Reads `data` of `/v4.1/magnet/status` in its three shapes; nothing when it has none of them. */
export function readMagnets(data: unknown): StatusAnswer | undefined {
  const parsed = v.safeParse(magnetsData, data);
  if (!parsed.success) return undefined;
  const { magnets } = parsed.output;
  const entries = Array.isArray(magnets) ? magnets : isBare(magnets) ? [magnets] : Object.values(magnets);
  const good: Magnet[] = [];
  const errors = new Map<string, string>();
  for (const entry of entries) {
    const refused = hasError(entry) ? v.safeParse(refusedMagnet, entry) : undefined;
    if (refused?.success) {
      errors.set(refused.output.id, refused.output.code);
      continue;
    }
    const read = v.safeParse(magnet, entry);
    if (read.success) good.push(read.output);
  }
  return { magnets: good, malformed: entries.length - good.length, errors };
}

function hasError(entry: unknown): boolean {
  return typeof entry === "object" && entry !== null && Object.hasOwn(entry, "error");
}

/** Whether it is one entry, and no object of entries. */
function isBare(magnets: Record<string, unknown>): boolean {
  return ["id", "magnet"].some((key) => Object.hasOwn(magnets, key) && typeof magnets[key] !== "object");
}

/** One entry of `data.magnets` of `/v4/magnet/restart`. */
const restartEntry = v.object({ magnet: magnetId, message: optionalText, error: v.nullish(apiError) });

/** What one entry of a batched restart says. */
export type RestartEntry = v.InferOutput<typeof restartEntry>;

/** Reads a batched restart's entries; malformed ones are left out. Nothing when it is no such answer. */
export function readRestarts(data: unknown): RestartEntry[] | undefined {
  const parsed = v.safeParse(magnetsData, data);
  if (!parsed.success) return undefined;
  const { magnets } = parsed.output;
  const entries = !Array.isArray(magnets) && isBare(magnets) ? [magnets] : Object.values(magnets);
  return entries.flatMap((entry) => {
    const read = v.safeParse(restartEntry, entry);
    return read.success && (read.output.error || read.output.message !== undefined) ? [read.output] : [];
  });
}

/** Whether `data` holds the message with which AllDebrid confirms a single restart or deletion. */
export function isConfirmation(data: unknown): boolean {
  return v.is(v.object({ message: v.string() }), data);
}

const envelope = v.union([
  v.object({ status: v.literal("success"), data: v.unknown() }),
  v.object({ status: v.literal("error"), error: apiError }),
]);

/** What every answer is wrapped in. */
export type Envelope = v.InferOutput<typeof envelope>;

/** Reads the wrapping of an answer; nothing when it is not AllDebrid's. */
export function readEnvelope(json: unknown): Envelope | undefined {
  const parsed = v.safeParse(envelope, json);
  return parsed.success ? parsed.output : undefined;
}
