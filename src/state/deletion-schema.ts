import * as v from "valibot";
import type { Deletion } from "../core/deletion.ts";
import { tryParseJson } from "../core/try-parse-json.ts";
import { Count, MagnetId, Moment, Quantity } from "./field-schemas.ts";
import { parseEntry } from "./state-format.ts";

/** The fields of a deletion, as `deletions.jsonl`, the intents and the outbox hold it. */
export const deletionFields = {
  key: v.string(),
  id: MagnetId,
  filename: v.exactOptional(v.string()),
  size: v.exactOptional(Quantity),
  hash: v.exactOptional(v.string()),
  magnet: v.exactOptional(v.string()),
  account: v.string(),
  fingerprint: v.string(),
  deleted_at: Moment,
  status: v.string(),
  status_text: v.exactOptional(v.string()),
  fails: Count,
  max_retries: Count,
  failing_since: v.exactOptional(Moment),
};

/** A deletion; fields of later versions are kept. */
export const DeletionSchema: v.GenericSchema<unknown, Deletion> = v.looseObject(deletionFields);

/** Reads a line of `deletions.jsonl`; `undefined` for what is no deletion. */
export function parseDeletion(line: string): Deletion | undefined {
  return parseEntry(DeletionSchema, tryParseJson(line))?.entry;
}
