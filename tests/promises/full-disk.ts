import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import type { Machine } from "../support/machine.ts";

/** Two magnets to restart and three to delete. */
export function fill({ alldebrid }: Machine): string {
  const counters: Record<string, unknown> = {};
  for (const id of [101, 102, 103, 104, 105]) {
    alldebrid.account().add({ id, life: neverRecovers(5) });
    if (id > 102) counters[id] = { fails: 4, last_status: "error", had_chance: true };
  }
  return JSON.stringify(counters);
}

/** AllDebrid was asked to do something. */
export const changes = ({ alldebrid }: Machine) =>
  alldebrid.requests.filter(({ endpoint }) => endpoint === "restart" || endpoint === "delete");

/** The ids of the deletions on record. */
export function recorded(folder: string): string[] {
  const lines = textOf(join(folder, "deletions.jsonl"))?.split("\n") ?? [];
  return lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line).id);
}

/** The ids of the deletions whose outcome is still open. */
export function intended(folder: string): string[] {
  const { intents } = JSON.parse(textOf(join(folder, "intents.json")) ?? '{"intents":[]}');
  return intents.map((intent: { id: string }) => intent.id);
}

function textOf(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** The ids of the deletions that messages announce. */
export function idsIn(messages: Machine["discord"]["messages"]): string[] {
  return messages.flatMap(({ embeds }) =>
    embeds.flatMap((embed) => embed.fields?.find(({ name }) => name === "ID")?.value ?? []),
  );
}
