import * as v from "valibot";
import type { Notice, Outbox } from "../core/notice.ts";
import { deletionFields } from "./deletion-schema.ts";
import { Count, Moment } from "./field-schemas.ts";
import { numbered, parseEntries, parseEntry, type StateFormat, versionProblem } from "./state-format.ts";

const FileSchema = v.object({ pending: v.array(v.unknown()), dead_webhook: v.optional(v.unknown()) });

const NoticeSchema: v.GenericSchema<unknown, Notice> = v.variant("kind", [
  v.looseObject({ kind: v.literal("deletion"), ...deletionFields }),
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

const DeadWebhookSchema: v.GenericSchema<unknown, NonNullable<Outbox["dead_webhook"]>> = v.looseObject({
  fingerprint: v.string(),
  status: v.number(),
  called_at: Moment,
});

/** `outbox.json`: the notices that wait for Discord, oldest first. */
export const outboxFormat: StateFormat<Outbox> = {
  file: "outbox.json",
  entry: "notice",
  always: false,
  empty: () => ({ pending: [] }),
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!v.is(FileSchema, content)) return { unreadable: "corrupt", reason: "it holds no list of notices" };
    const parsed = parseEntries(NoticeSchema, numbered(content.pending));
    const value: Outbox = { pending: parsed.value.map(([, notice]) => notice) };
    const dead = parseEntry(DeadWebhookSchema, content.dead_webhook);
    if (dead) value.dead_webhook = dead.entry;
    const lost = !dead && content.dead_webhook !== undefined && content.dead_webhook !== null;
    return { ...parsed, value, badFields: lost ? [...parsed.badFields, "dead_webhook"] : parsed.badFields };
  },
  format: ({ pending, dead_webhook }) => [
    `${JSON.stringify({ version: 1, pending, dead_webhook }, null, 2)}\n`,
  ],
};
