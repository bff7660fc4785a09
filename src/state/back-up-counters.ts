import { join } from "node:path";
import { writeAtomically } from "./atomic-write.ts";
import { countersFormat } from "./counters-format.ts";
import type { FileSystem } from "./file-system.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { readStateFile } from "./read-state-file.ts";

/**
 * Keeps the counters as the disk has them in `retry_counts.json.bak`, in the place of an older one.
 *
 * @returns the copy's path; `undefined` when there are no counters on disk.
 * @throws StateError
 */
export async function backUpCounters(
  folder: string,
  fs: FileSystem = nodeFileSystem,
): Promise<string | undefined> {
  const path = join(folder, countersFormat.file);
  const content = await readStateFile(fs, path);
  if (content === undefined) return undefined;
  await writeAtomically(fs, `${path}.bak`, [content.bytes]);
  return `${path}.bak`;
}
