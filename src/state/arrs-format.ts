import * as v from "valibot";
import type { ArrHealth, Arrs, ArrTask } from "../core/records.ts";
import {
  formatFile,
  healthFields,
  isObject,
  MagnetId,
  Moment,
  parseEntries,
  parseList,
  type StateFormat,
} from "./formats.ts";

const TaskSchema: v.GenericSchema<unknown, ArrTask> = v.looseObject({
  key: v.string(),
  deletion: v.string(),
  server: v.string(),
  id: MagnetId,
  hash: v.exactOptional(v.string()),
  filename: v.exactOptional(v.string()),
  account: v.string(),
  deleted_at: Moment,
  past_limit: v.exactOptional(Moment),
});

const ServerSchema: v.GenericSchema<unknown, ArrHealth> = v.looseObject({
  ...healthFields,
  last_told: v.exactOptional(v.looseObject({ at: Moment, filename: v.exactOptional(v.string()) })),
});

/** `arrs.json`: what Sonarr and Radarr are still to be told, oldest first, and what is known of them, by name. */
export const arrsFormat: StateFormat<Arrs> = {
  file: "arrs.json",
  entry: "deletion to tell",
  entries: "deletions to tell",
  always: false,
  empty: () => ({ pending: [], servers: new Map() }),
  parse: (content) => {
    const tasks = parseList(content, "pending", TaskSchema);
    if ("unreadable" in tasks) return tasks;
    const servers = parseEntries(
      ServerSchema,
      Object.entries(isObject(content.servers) ? content.servers : {}),
    );
    return {
      value: { pending: tasks.value, servers: new Map(servers.value) },
      badEntries: [...tasks.badEntries, ...servers.badEntries],
      badFields: [...tasks.badFields, ...servers.badFields],
    };
  },
  format: ({ pending, servers }) => formatFile({ pending, servers: Object.fromEntries(servers) }),
};
