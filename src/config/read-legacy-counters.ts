import { realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { FoundCounters } from "./config.ts";
import { explainReadError, readSmallFile } from "./read-small-file.ts";
import { resolvePath } from "./resolve-path.ts";

const FILE_NAME = "retry_counts.json";
const MAX_BYTES = 16 * 1024 * 1024;

/**
 * Reads the original program's counters: `setting` (`retry_counts_path`), else `retry_counts.json` beside the config
 * file. They are read now because the program may lose the right to once it runs as the state folder's owner.
 * Undefined when that file is the state folder's own.
 */
export function readLegacyCounters(
  setting: string | null | undefined,
  configFile: string,
  stateDir: string,
  env: NodeJS.ProcessEnv,
): FoundCounters | undefined {
  const explicit = Boolean(setting?.trim());
  const path = resolvePath(setting?.trim() || FILE_NAME, dirname(configFile), env);
  if (realLocation(path) === realLocation(join(stateDir, FILE_NAME))) return undefined;
  try {
    // A pipe or a device would be waited for.
    if (!statSync(path).isFile()) return { path, explicit, error: "it is not a regular file" };
    const { bytes } = readSmallFile(path, MAX_BYTES);
    return { path, explicit, text: bytes.toString("utf8").replace(/^\uFEFF/, "") };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return { path, explicit };
    return { path, explicit, error: explainReadError(error) };
  }
}

function realLocation(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
