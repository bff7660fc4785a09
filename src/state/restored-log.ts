import { join } from "node:path";
import * as v from "valibot";
import { normalizeHash } from "../core/magnet.ts";
import type { ConfirmedDeletion } from "../core/records.ts";
import { tryParseJson } from "../core/text.ts";
import { appendLines } from "./deletions-log.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { readStateFile } from "./files.ts";
import { MagnetId, Moment } from "./formats.ts";
import type { StateProblem } from "./state-file.ts";

const FILE = "restored.jsonl";

const RestoredSchema = v.looseObject({
  /** In small hex digits. */
  hash: v.string(),
  /** The id it was deleted with. */
  id: MagnetId,
  /** The id it has now, where that is known. */
  new_id: v.exactOptional(MagnetId),
  /** The id in `accounts.json` of the account that it was added to. */
  account: v.string(),
  /** ISO 8601: the deletion that was undone. */
  deleted_at: Moment,
  /** ISO 8601. */
  restored_at: Moment,
});

/** A magnet that `magnets restore` has added again: one line of `restored.jsonl`. */
export type Restored = v.InferOutput<typeof RestoredSchema>;

/**
 * Adds lines to `restored.jsonl`, without the lock: they are one write at the file's end.
 *
 * @throws StateError
 */
export async function appendRestored(
  folder: string,
  restored: readonly Restored[],
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  const lines = restored.map((each) => `${JSON.stringify(each)}\n`);
  await appendLines(fs, join(folder, FILE), lines.join(""), { isLocked: false });
}

/**
 * Reads `restored.jsonl`, oldest first; a missing file holds nothing, and lines that can't be read are skipped.
 *
 * @throws StateError when it is there and can't be read.
 */
export async function readRestored(
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<{ readonly restored: Restored[]; readonly problems: StateProblem[] }> {
  const content = await readStateFile(fs, join(folder, FILE));
  const restored: Restored[] = [];
  const problems: StateProblem[] = [];
  for (const [index, line] of new TextDecoder().decode(content?.bytes).split("\n").entries()) {
    if (line.trim() === "") continue;
    const read = v.safeParse(RestoredSchema, tryParseJson(line));
    if (read.success) restored.push(read.output);
    else {
      const message = `${FILE}: line ${index + 1} can't be read and is skipped`;
      problems.push({ file: FILE, message, severity: "warning" });
    }
  }
  return { restored, problems };
}

/** Drops the confirmed deletions that were undone since: those magnets start anew (contract, Counting 8). */
export function dropRestored(confirmed: Map<string, ConfirmedDeletion>, restored: readonly Restored[]): void {
  for (const [id, { hash, deleted_at }] of confirmed) {
    const known = normalizeHash(hash ?? "");
    const isUndone = restored.some((each) => {
      if (each.id !== id && each.new_id !== id && (known === undefined || each.hash !== known)) return false;
      // The deletion itself says it, too, should this machine's clock have been set back.
      return each.deleted_at === deleted_at || Date.parse(each.restored_at) > Date.parse(deleted_at);
    });
    if (isUndone) confirmed.delete(id);
  }
}
