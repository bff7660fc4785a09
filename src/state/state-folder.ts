import { constants } from "node:fs";
import { dirname, resolve } from "node:path";
import { StateError } from "../errors.ts";
import { syncFolder } from "./atomic-write.ts";
import type { FileSystem } from "./file-system.ts";
import { nodeFileSystem } from "./node-file-system.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

const FOLDER_MODE = 0o700;

/**
 * Sees to it that the state folder is there and can be written to. It and missing folders above it are
 * created with mode 0700 under any umask; a folder that is there keeps its mode. It may be a symlink.
 *
 * @throws StateError
 */
export async function prepareStateFolder(folder: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  const path = resolve(folder);
  try {
    await makeFolder(fs, path);
    if (!(await fs.stat(path)).isDirectory()) {
      throw new StateError(`${path} is no folder; choose another with --state-dir`);
    }
  } catch (error) {
    throw await stateFailure(fs, "create the folder", path, error);
  }
  try {
    await fs.access(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw await stateFailure(fs, "write to the folder", path, error);
  }
}

async function makeFolder(fs: FileSystem, path: string): Promise<void> {
  const missing = await fs.stat(path).then(
    () => false,
    (error: unknown) => {
      if (isSystemError(error, "ENOENT")) return true;
      throw error;
    },
  );
  if (!missing) return;
  const parent = dirname(path);
  await makeFolder(fs, parent);
  try {
    await fs.mkdir(path, FOLDER_MODE);
    // The umask may have taken bits away.
    await fs.chmod(path, FOLDER_MODE);
  } catch (error) {
    // Another run was faster, or a symlink leads nowhere, which the caller's look at it will tell.
    if (!isSystemError(error, "EEXIST")) throw error;
    return;
  }
  // A parent that may be written but not read can't be opened to be synced.
  await syncFolder(fs, parent).catch((error: unknown) => {
    if (!isSystemError(error, "EACCES")) throw error;
  });
}
