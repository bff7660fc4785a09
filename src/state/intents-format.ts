import * as v from "valibot";
import type { Intent } from "../core/deletion.ts";
import { DeletionSchema } from "./deletion-schema.ts";
import { numbered, parseEntries, type StateFormat, versionProblem } from "./state-format.ts";

const FileSchema = v.object({ intents: v.array(v.unknown()) });

/** `intents.json`: the deletions under way, by magnet id. */
export const intentsFormat: StateFormat<Map<string, Intent>> = {
  file: "intents.json",
  entry: "intent to delete",
  entries: "intents to delete",
  always: false,
  empty: () => new Map(),
  parse: (content) => {
    const problem = versionProblem(content.version);
    if (problem) return problem;
    if (!v.is(FileSchema, content)) return { unreadable: "corrupt", reason: "it holds no list of intents" };
    const parsed = parseEntries(DeletionSchema, numbered(content.intents));
    return { ...parsed, value: new Map(parsed.value.map(([, intent]) => [intent.id, intent])) };
  },
  format: (intents) => [`${JSON.stringify({ version: 1, intents: [...intents.values()] }, null, 2)}\n`],
};
