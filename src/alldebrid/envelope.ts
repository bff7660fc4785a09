import * as v from "valibot";
import { apiError } from "./answer-fields.ts";

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
