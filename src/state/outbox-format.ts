import * as v from "valibot";
import type { Notice, Outbox } from "../core/records.ts";
import {
  Count,
  deletionFields,
  formatFile,
  Moment,
  parseEntry,
  parseList,
  type StateFormat,
} from "./formats.ts";

const ArrResultSchema = v.object({
  name: v.string(),
  outcome: v.picklist(["searches", "off", "keeps", "marked", "already", "not grabbed", "later"]),
});

const NoticeSchema: v.GenericSchema<unknown, Notice> = v.variant("kind", [
  v.looseObject({
    kind: v.literal("deletion"),
    ...deletionFields,
    arrs: v.exactOptional(v.array(ArrResultSchema)),
  }),
  v.looseObject({
    kind: v.literal("cap"),
    key: v.string(),
    at: Moment,
    account: v.string(),
    due: Count,
    max_deletes: Count,
  }),
  v.looseObject({
    kind: v.literal("alert"),
    key: v.string(),
    at: Moment,
    account: v.string(),
    code: v.string(),
    resolved: v.boolean(),
    until: v.exactOptional(Moment),
  }),
]);

const RefusalsSchema: v.GenericSchema<unknown, Omit<Outbox, "pending">> = v.object({
  dead_webhook: v.exactOptional(
    v.looseObject({ fingerprint: v.string(), status: v.number(), called_at: Moment }),
  ),
  blocked_webhook: v.exactOptional(
    v.looseObject({ fingerprint: v.string(), message: v.string(), remedy: v.string(), since: Moment }),
  ),
});

/** `outbox.json`: the notices that wait for Discord, oldest first, and why it refuses them. */
export const outboxFormat: StateFormat<Outbox> = {
  file: "outbox.json",
  entry: "notice",
  always: false,
  empty: () => ({ pending: [] }),
  parse: (content) => {
    const parsed = parseList(content, "pending", NoticeSchema);
    if ("unreadable" in parsed) return parsed;
    const { version: _, pending: __, ...rest } = content;
    const refusals = parseEntry(RefusalsSchema, rest) ?? { entry: {}, badFields: [] };
    return {
      value: { pending: parsed.value, ...refusals.entry },
      badEntries: parsed.badEntries,
      badFields: [...parsed.badFields, ...refusals.badFields],
    };
  },
  format: ({ pending, dead_webhook, blocked_webhook }) =>
    formatFile({ pending, dead_webhook, blocked_webhook }),
};
