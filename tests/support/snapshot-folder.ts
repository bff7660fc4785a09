import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

/** Every file below the folder with its bytes, inode, mode, owner and times of change: equal means untouched. */
export async function snapshotFolder(folder: string): Promise<Record<string, unknown>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = [folder, ...entries.map((entry) => join(entry.parentPath, entry.name))].sort();
  const taken = paths.map(async (path) => {
    const stats = await stat(path, { bigint: true });
    const { ino, mode, uid, mtimeNs, ctimeNs } = stats;
    const content = stats.isFile() ? await readFile(path, "base64") : null;
    return [path, { ino, mode, uid, mtimeNs, ctimeNs, content }] as const;
  });
  return Object.fromEntries(await Promise.all(taken));
}
