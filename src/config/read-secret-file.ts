import { dirname } from "node:path";
import { accessWarning } from "./access-warning.ts";
import { explainReadError, readSmallFile } from "./read-small-file.ts";
import { resolvePath } from "./resolve-path.ts";

const MAX_BYTES = 65_536;

/** A secret read from a file of its own, or why it could not be read. */
export type SecretFile =
  | { readonly text: string; readonly warning?: string | undefined }
  | { readonly problem: string };

/**
 * Reads a file that holds one secret (`key_file`, `discord_webhook_url_file`); `path` is relative to the config
 * file's folder. The path is not repeated in a problem: it may be the secret itself, put in the wrong place.
 */
export function readSecretFile(path: string, configFile: string, env: NodeJS.ProcessEnv): SecretFile {
  if (/^https?:\/\//i.test(path)) return { problem: "expected a path, got a web address" };
  const file = resolvePath(path, dirname(configFile), env);
  try {
    const { bytes, mode } = readSmallFile(file, MAX_BYTES);
    return {
      text: bytes
        .toString("utf8")
        .replace(/^\uFEFF/, "")
        .trim(),
      warning: accessWarning(file, mode),
    };
  } catch (error) {
    const place = /^[~/]/.test(path) ? "" : ` (relative paths start from ${dirname(configFile)})`;
    return { problem: `the file can't be read: ${explainReadError(error)}${place}` };
  }
}
