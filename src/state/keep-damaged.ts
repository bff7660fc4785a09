import { basename, dirname } from "node:path";
import { syncFolder, writeAtomically, writeNew } from "./atomic-write.ts";
import type { FileSystem } from "./file-system.ts";
import { makePrivate, readStateFile } from "./read-state-file.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

/**
 * Keeps a damaged file under the name `NAME.corrupt-<time>` and puts `repaired` in its place. At every moment
 * the file is there, damaged or repaired; when this fails it is as it was.
 *
 * @returns the name it was kept under.
 * @throws StateError
 */
export async function keepDamaged(
  fs: FileSystem,
  path: string,
  repaired: Iterable<Uint8Array>,
  now: Date,
): Promise<string> {
  let kept: string;
  try {
    kept = await keep(fs, path, `${path}.corrupt-${now.toISOString().replaceAll(":", "-")}`);
  } catch (error) {
    throw await stateFailure(fs, "keep a copy of", path, error);
  }
  try {
    await makePrivate(fs, kept);
    await syncFolder(fs, dirname(path));
    await writeAtomically(fs, path, repaired);
  } catch (error) {
    // Else a full disk would gather one more copy at each sweep.
    if (await haveSameContent(fs, path, kept)) await fs.unlink(kept).catch(() => {});
    throw await stateFailure(fs, "write", path, error);
  }
  return basename(kept);
}

async function keep(fs: FileSystem, path: string, wanted: string): Promise<string> {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`;
    try {
      await linkOrCopy(fs, path, name);
      return name;
    } catch (error) {
      if (!isSystemError(error, "EEXIST")) throw error;
    }
  }
}

async function linkOrCopy(fs: FileSystem, path: string, copy: string): Promise<void> {
  try {
    await fs.link(path, copy);
  } catch (error) {
    // Some file systems have no hard links, and none may be made of somebody else's file.
    if (!isSystemError(error, "EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV")) throw error;
    const content = await readStateFile(fs, path);
    await writeNew(fs, copy, content ? [content.bytes] : []);
  }
}

async function haveSameContent(fs: FileSystem, path: string, copy: string): Promise<boolean> {
  try {
    const [a, b] = [await readStateFile(fs, path), await readStateFile(fs, copy)];
    return a !== undefined && b !== undefined && Buffer.compare(a.bytes, b.bytes) === 0;
  } catch {
    return false;
  }
}
