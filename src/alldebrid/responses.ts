import * as v from "valibot";
import { type Magnet, normalizeHash } from "../core/magnet.ts";
import type { AccountUser, MagnetList } from "../core/ports.ts";

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

/** The endpoint is to be withdrawn (AllDebrid's documentation, deprecated endpoints). */
const deprecated = v.fallback(v.optional(v.boolean()), undefined);

const envelope = v.union([
  v.object({ status: v.literal("success"), data: v.unknown(), deprecated }),
  v.object({ status: v.literal("error"), error: apiError, deprecated }),
]);

/** What every response is wrapped in. */
export type Envelope = v.InferOutput<typeof envelope>;

/** Reads the wrapping of a response; nothing when it is not AllDebrid's. */
export function readEnvelope(json: unknown): Envelope | undefined {
  const parsed = v.safeParse(envelope, json);
  return parsed.success ? parsed.output : undefined;
}

/** Whether `data` holds the message with which AllDebrid confirms a single restart or deletion. */
export function isConfirmation(data: unknown): boolean {
  return v.is(v.object({ message: v.string() }), data);
}

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

/** Unix seconds; 0 is none. */
const uploadDate = v.pipe(
  count,
  v.transform((seconds) => (seconds > 0 && seconds < 8.64e12 ? new Date(seconds * 1000) : undefined)),
);

const magnet = v.pipe(
  v.object({
    ...essentials,
    filename: optionalText,
    size: v.fallback(v.optional(count), undefined),
    hash: infoHash,
    status: optionalText,
    uploadDate: v.fallback(v.optional(uploadDate), undefined),
  }),
  v.transform(
    ({ status, statusCode, uploadDate, ...magnet }): Magnet => ({
      ...magnet,
      statusText: status,
      statusCode: statusCode ?? undefined,
      uploadedAt: uploadDate,
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

/** PHP writes booleans in several ways. */
const flag = v.union([
  v.boolean(),
  v.pipe(
    v.picklist([1, 0, "1", "0", "true", "false"]),
    v.transform((value) => String(value) === "1" || value === "true"),
  ),
]);

/** Unix seconds, maybe as a string; no time a `Date` can't hold. */
const unixSeconds = v.union([
  v.pipe(v.number(), v.minValue(0), v.maxValue(8.64e12)),
  v.pipe(v.string(), v.regex(/^\d{1,12}$/), v.transform(Number)),
]);

const userData = v.object({
  user: v.object({
    username: v.string(),
    isPremium: flag,
    isTrial: v.fallback(flag, false),
    premiumUntil: v.fallback(v.nullish(unixSeconds), undefined),
  }),
});

/** Reads `data` of `/v4/user`; nothing when it is no such answer. A time of 0 is none: there is no premium. */
export function readUser(data: unknown): AccountUser | undefined {
  const parsed = v.safeParse(userData, data);
  if (!parsed.success) return undefined;
  const { premiumUntil, ...user } = parsed.output.user;
  return premiumUntil ? { ...user, premiumUntil: new Date(premiumUntil * 1000) } : user;
}
