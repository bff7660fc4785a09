import * as v from "valibot";
import type { Magnet } from "../core/magnet.ts";
import type { MagnetList } from "../core/ports.ts";

/** Ids come as integers or as strings of digits; what a number can't hold exactly is no id. */
const id = v.pipe(
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
const optionalText = v.fallback(v.optional(v.string()), undefined);

/** One magnet. `statusCode` may be left out but not be anything else: whether it is ready hangs on it. */
const magnet = v.pipe(
  v.object({
    id,
    filename: optionalText,
    size: v.fallback(v.optional(count), undefined),
    hash: optionalText,
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
const statusData = v.object({ magnets: v.union([v.array(v.unknown()), anyObject]) });

/** Reads `data` of `/v4.1/magnet/status` in its three shapes; nothing when it has none of them. */
export function readMagnets(data: unknown): MagnetList | undefined {
  const parsed = v.safeParse(statusData, data);
  if (!parsed.success) return undefined;
  const { magnets } = parsed.output;
  const entries = Array.isArray(magnets) ? magnets : isBare(magnets) ? [magnets] : Object.values(magnets);
  const read = entries.map((entry) => v.safeParse(magnet, entry));
  const good = read.flatMap((entry) => (entry.success ? [entry.output] : []));
  return { magnets: good, malformed: read.length - good.length };
}

function isBare(magnets: Record<string, unknown>): boolean {
  return Object.hasOwn(magnets, "id") && typeof magnets.id !== "object";
}

const apiError = v.object({
  code: v.pipe(
    v.union([v.string(), v.number()]),
    v.transform((value) => String(value)),
  ),
  message: optionalText,
});

/** One entry of `data.magnets` of `/v4/magnet/restart`. */
const restartEntry = v.object({ magnet: id, message: optionalText, error: v.optional(apiError) });

/** What one entry of a batched restart says. */
export type RestartEntry = v.InferOutput<typeof restartEntry>;

/** Reads a batched restart's entries; malformed ones are left out. Nothing when it is no such answer. */
export function readRestarts(data: unknown): RestartEntry[] | undefined {
  const parsed = v.safeParse(statusData, data);
  if (!parsed.success) return undefined;
  return Object.values(parsed.output.magnets).flatMap((entry) => {
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
