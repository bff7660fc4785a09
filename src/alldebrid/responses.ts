import * as v from "valibot";
import { type Magnet, normalizeHash } from "../core/magnet.ts";
import type { AccountUser, MagnetList } from "../core/ports.ts";

// Every shape that AllDebrid's responses come in. Numbers come as such or as strings of digits.

/** What a number can't hold exactly is not an id. */
const magnetId = v.pipe(
  v.union([
    v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
    v.pipe(v.string(), v.regex(/^0*[1-9]\d{0,19}$/)),
  ]),
  v.transform((value) => String(value).replace(/^0+/, "")),
);

/** A field that is of no use when it has another type than documented. */
const optional = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.optional(schema), undefined);

/** An error of a whole request, or in a magnet's place. */
const apiError = v.object({
  code: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
  message: optional(v.string()),
});

/** The endpoint is to be withdrawn (AllDebrid's documentation, deprecated endpoints). */
const deprecated = optional(v.boolean());

const envelope = v.union([
  v.object({ status: v.literal("success"), data: v.unknown(), deprecated }),
  v.object({ status: v.literal("error"), error: apiError, deprecated }),
]);

/** Reads what every response is wrapped in; `undefined` when it is not AllDebrid's. */
export function readEnvelope(json: unknown): v.InferOutput<typeof envelope> | undefined {
  const parsed = v.safeParse(envelope, json);
  return parsed.success ? parsed.output : undefined;
}

/** Whether `data` holds the message with which AllDebrid confirms a single restart or deletion. */
export function isConfirmation(data: unknown): boolean {
  return v.is(v.object({ message: v.string() }), data);
}

/** Not `v.record`, which leaves out entries called `constructor`, `prototype` and `__proto__`. */
const anyObject = v.custom<Record<string, unknown>>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
);

/** An empty list is `null` to one public client, too. It proves nothing that an empty list would not. */
const magnetsData = v.object({
  magnets: v.pipe(
    v.nullable(v.union([v.array(v.unknown()), anyObject])),
    v.transform((magnets) => magnets ?? []),
  ),
});

/**
 * The entries of `data.magnets`, unread: it is an array, an object keyed by strings, or (in the response for one
 * magnet) the entry itself. `undefined` when it is missing.
 */
function entriesOf(data: unknown): unknown[] | undefined {
  const parsed = v.safeParse(magnetsData, data);
  if (!parsed.success) return undefined;
  const { magnets } = parsed.output;
  return !Array.isArray(magnets) && isEntry(magnets) ? [magnets] : Object.values(magnets);
}

function isEntry(magnets: Record<string, unknown>): boolean {
  return ["id", "magnet"].some((key) => Object.hasOwn(magnets, key) && typeof magnets[key] !== "object");
}

/** The entries that have the form of the schema. */
function readEntries<T>(schema: v.GenericSchema<unknown, T>, data: unknown): T[] | undefined {
  return entriesOf(data)?.flatMap((entry) => {
    const read = v.safeParse(schema, entry);
    return read.success ? [read.output] : [];
  });
}

const size = v.union([
  v.pipe(v.number(), v.finite(), v.minValue(0)),
  v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)),
]);

/** Unix seconds; 0 is none, and what a `Date` can't hold is not a time. */
const unixTime = v.pipe(
  size,
  v.transform((seconds) => (seconds > 0 && seconds <= 8.64e12 ? new Date(seconds * 1000) : undefined)),
);

const statusCode = v.union([
  v.pipe(v.number(), v.integer()),
  v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number)),
]);

/** Spelled as it came; what is not an info hash can't bring a magnet back. */
const infoHash = v.pipe(
  v.string(),
  v.check((text) => normalizeHash(text) !== undefined),
  v.trim(),
);

/** An error in a magnet's place, under either of the names that ids go by. */
const refusedMagnet = v.pipe(
  v.union([v.object({ id: magnetId, error: apiError }), v.object({ magnet: magnetId, error: apiError })]),
  v.transform((entry) => ({ id: "id" in entry ? entry.id : entry.magnet, code: entry.error.code })),
);

const magnet = v.pipe(
  v.object({
    id: magnetId,
    filename: optional(v.string()),
    size: optional(size),
    hash: optional(infoHash),
    status: optional(v.string()),
    uploadDate: optional(unixTime),
    /** May be missing but not be anything else: it decides whether the magnet is ready. */
    statusCode: v.nullish(statusCode),
  }),
  v.transform(
    ({ id, filename, size, hash, status, statusCode, uploadDate }): Magnet => ({
      id,
      filename,
      size,
      hash,
      statusText: status,
      statusCode: statusCode ?? undefined,
      uploadedAt: uploadDate,
    }),
  ),
);

/** Reads `data` of `/v4.1/magnet/status`; `errors` are codes in a magnet's place, by id. */
export function readMagnets(
  data: unknown,
): (MagnetList & { readonly errors: ReadonlyMap<string, string> }) | undefined {
  const entries = entriesOf(data);
  if (!entries) return undefined;
  const magnets: Magnet[] = [];
  const errors = new Map<string, string>();
  for (const entry of entries) {
    const refused = v.safeParse(refusedMagnet, entry);
    const read = v.safeParse(magnet, entry);
    if (refused.success) errors.set(refused.output.id, refused.output.code);
    else if (read.success) magnets.push(read.output);
  }
  return { magnets, malformed: entries.length - magnets.length, errors };
}

const restartEntry = v.pipe(
  v.object({ magnet: magnetId, message: optional(v.string()), error: v.nullish(apiError) }),
  v.check(({ message, error }) => message !== undefined || Boolean(error)),
);

/** What one entry of a batched restart says. */
export type RestartEntry = v.InferOutput<typeof restartEntry>;

/** Reads `data.magnets` of `/v4/magnet/restart` without malformed entries; `undefined` when it is missing. */
export const readRestarts = (data: unknown) => readEntries(restartEntry, data);

const uploadEntry = v.object({
  /** What was sent. */
  magnet: optional(v.string()),
  /** In lower-case hex. */
  hash: optional(v.pipe(v.string(), v.transform<string, string | undefined>(normalizeHash))),
  id: optional(magnetId),
  /** It is complete already. */
  ready: optional(v.boolean()),
  error: v.nullish(apiError),
});

/** One entry of `data.magnets` of `/v4/magnet/upload`. */
export type UploadEntry = v.InferOutput<typeof uploadEntry>;

/** Reads `data.magnets` of `/v4/magnet/upload` without malformed entries; `undefined` when it is missing. */
export const readUploads = (data: unknown) => readEntries(uploadEntry, data);

/** PHP writes booleans in several ways. */
const flag = v.union([
  v.boolean(),
  v.pipe(
    v.picklist([1, 0, "1", "0", "true", "false"]),
    v.transform((value) => String(value) === "1" || value === "true"),
  ),
]);

const userData = v.object({
  user: v.object({
    username: v.string(),
    isPremium: flag,
    isTrial: v.fallback(flag, false),
    premiumUntil: optional(unixTime),
  }),
});

/** Reads `data` of `/v4/user`; `undefined` when it has another form. */
export function readUser(data: unknown): AccountUser | undefined {
  const parsed = v.safeParse(userData, data);
  if (!parsed.success) return undefined;
  const { premiumUntil, ...user } = parsed.output.user;
  return premiumUntil ? { ...user, premiumUntil } : user;
}
