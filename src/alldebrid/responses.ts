import * as v from "valibot";
import { type Magnet, normalizeHash } from "../core/magnet.ts";
import type { AccountUser } from "../core/ports.ts";

// Every shape that AllDebrid's responses come in. Numbers come as such or as strings of digits.

/** What a number can't hold exactly is not an id. */
const magnetId = v.pipe(
  v.union([v.pipe(v.number(), v.safeInteger(), v.transform(String)), v.string()]),
  v.regex(/^0*[1-9]\d{0,19}$/),
  v.transform((digits) => digits.replace(/^0+/, "")),
);

const number = v.union([
  v.pipe(v.number(), v.finite()),
  v.pipe(v.string(), v.regex(/^\d{1,15}$/), v.transform(Number)),
]);

/** A field that is of no use when it has another type than documented. */
const optional = <T>(schema: v.GenericSchema<unknown, T>) => v.fallback(v.optional(schema), undefined);

/** An error of a whole request, or in a magnet's place. */
const apiError = v.object({
  code: v.pipe(v.union([v.string(), v.number()]), v.transform(String)),
  message: v.fallback(v.string(), ""),
});

/** The endpoint is to be withdrawn (AllDebrid's documentation, deprecated endpoints). */
const deprecated = optional(v.boolean());

/** What every response is wrapped in; `undefined` when it is not AllDebrid's. */
export const envelopeOrNone = optional(
  v.union([
    v.object({ status: v.literal("success"), data: v.unknown(), deprecated }),
    v.object({ status: v.literal("error"), error: apiError, deprecated }),
  ]),
);

/**
 * The entries of `data.magnets`, unread: it is an array, an object keyed by strings, null for none (met by one public
 * client), or in the response for one magnet the entry itself.
 */
const entries = v.pipe(
  v.object({ magnets: v.custom<Record<string, unknown> | null>((value) => typeof value === "object") }),
  v.transform(({ magnets }): unknown[] => {
    const isScalar = (key: string) => Object.hasOwn(magnets ?? {}, key) && typeof magnets?.[key] !== "object";
    return isScalar("id") || isScalar("magnet") ? [magnets] : Object.values(magnets ?? {});
  }),
);

/** The entries that have the form of the schema. */
const entriesOf = <T>(schema: v.GenericSchema<unknown, T>) =>
  v.pipe(
    entries,
    v.transform((all) => all.flatMap((entry) => v.parse(optional(schema), entry) ?? [])),
  );

/** Unix seconds; 0 is none, and what a `Date` can't hold is not a time. */
const unixTime = v.pipe(
  number,
  v.transform((seconds) => (seconds > 0 && seconds <= 8.64e12 ? new Date(seconds * 1000) : undefined)),
);

/** Spelled as it came; what is not an info hash can't bring a magnet back. */
const infoHash = v.pipe(
  v.string(),
  v.check((text) => normalizeHash(text) !== undefined),
  v.trim(),
);

/** A magnet, or an error in its place, under either of the names that ids go by. */
const magnetEntry = v.object({
  id: optional(magnetId),
  magnet: optional(magnetId),
  error: optional(apiError),
  filename: optional(v.string()),
  size: optional(v.pipe(number, v.minValue(0))),
  hash: optional(infoHash),
  status: optional(v.string()),
  uploadDate: optional(unixTime),
  /** May be missing but not be anything else: it decides whether the magnet is ready. */
  statusCode: v.nullish(v.pipe(number, v.integer())),
});

/** `data` of `/v4.1/magnet/status`; `errors` are codes in a magnet's place, by id. */
export const magnetsData = v.pipe(
  entries,
  v.transform((all) => {
    const magnets: Magnet[] = [];
    const errors = new Map<string | undefined, string>();
    const unread: unknown[] = [];
    for (const entry of all) {
      const read = v.parse(optional(magnetEntry), entry);
      if (read?.error) errors.set(read.id ?? read.magnet, read.error.code);
      if (read?.id === undefined || read.error) {
        unread.push(entry);
        continue;
      }
      const { id, filename, size, hash, status: statusText, uploadDate: uploadedAt } = read;
      const statusCode = read.statusCode ?? undefined;
      // Field by field: by spreading, each of 20,000 would get a hidden class of its own in V8.
      magnets.push({ id, filename, size, hash, statusText, statusCode, uploadedAt });
    }
    return { magnets, errors, unread };
  }),
);

const restartEntry = v.pipe(
  v.object({ magnet: magnetId, message: optional(v.string()), error: v.nullish(apiError) }),
  v.check(({ message, error }) => message !== undefined || Boolean(error)),
);

/** `data` of `/v4/magnet/restart`: a message where one magnet was asked for, else entries. What can't be read is left out. */
export const restartsData = v.fallback(
  v.union([
    entriesOf(restartEntry),
    v.pipe(
      v.object({ message: v.string() }),
      v.transform(() => "done" as const),
    ),
  ]),
  [],
);

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
export type UploadEntry = v.InferOutput<typeof uploadEntry>;

/** `data` of `/v4/magnet/upload`, without entries that can't be read. */
export const uploadsData = entriesOf(uploadEntry);

/** PHP writes booleans in several ways. */
const flag = v.pipe(
  v.union([v.boolean(), v.picklist([1, 0, "1", "0", "true", "false"])]),
  v.transform((value) => ["1", "true"].includes(String(value))),
);

/** `data` of `/v4/user`. */
export const userData = v.pipe(
  v.object({
    user: v.object({
      username: v.string(),
      isPremium: flag,
      isTrial: v.fallback(flag, false),
      premiumUntil: optional(unixTime),
    }),
  }),
  v.transform(({ user }): AccountUser => user),
);
