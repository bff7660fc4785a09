import { closeSync, fstatSync, openSync, readSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ConfigError, type FoundCounters } from "./config.ts";
import { resolvePath, unreadableConfig } from "./paths.ts";

/** A file's content and what `stat` says of who may read it. */
export interface SmallFile {
  readonly bytes: Buffer;
  /** Permission bits. Zero for pipes (`--config <(…)`), which nobody else can open. */
  readonly mode: number;
}

const CHUNK_BYTES = 65_536;

/**
 * Reads a file of at most `maxBytes`; pipes are read too. Throws the system's error, or one with the code `EFBIG`.
 */
export function readSmallFile(path: string, maxBytes: number): SmallFile {
  const file = openSync(path, "r");
  try {
    const stat = fstatSync(file);
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readSync(file, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      size += count;
      // Counted while reading: devices and pipes do not tell their size.
      if (size > maxBytes) throw Object.assign(new Error("file too large"), { code: "EFBIG" });
    }
    return { bytes: Buffer.concat(chunks), mode: stat.isFile() ? stat.mode & 0o777 : 0 };
  } finally {
    closeSync(file);
  }
}

/** Says in words why a file could not be read. What is no error of the system's is a bug and thrown again. */
export function explainReadError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "ENOTDIR":
      return "there is no such file (a part of the path is no folder)";
    case "EISDIR":
      return "it is a folder";
    case "EFBIG":
      return "it is too large";
    case "EACCES":
    case "EPERM":
      return `permission denied (${code})`;
    case "ELOOP":
      return "its symbolic links lead in a circle (ELOOP)";
    default:
      return `the system says ${code}`;
  }
}

/** A warning, with what to type, when others may open the file. */
export function accessWarning(file: string, mode: number): string | undefined {
  if ((mode & 0o007) === 0) return undefined;
  const quoted = /^[\w/.@:+-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  return `every user of this machine may open it; type: chmod o= ${quoted}`;
}

const MAX_SECRET_BYTES = 65_536;

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
    const { bytes, mode } = readSmallFile(file, MAX_SECRET_BYTES);
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

const MAX_CONFIG_BYTES = 1024 * 1024;

/** The config file as an unchecked object. `mode` holds its permission bits. */
export interface ConfigFile {
  readonly content: Record<string, unknown>;
  readonly mode: number;
}

/** Reads and parses the config file. Throws `ConfigError` when it can't be read or is no JSON object. */
export async function readConfigFile(file: string): Promise<ConfigFile> {
  const { bytes, mode } = readOrExplain(file);
  let text: string;
  try {
    // Drops a byte order mark, too.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new ConfigError([`${basename(file)}: not UTF-8 text`], `Save ${file} as UTF-8.`);
  }
  const content = await parseJson(text, basename(file), file);
  if (typeof content !== "object" || content === null || Array.isArray(content)) {
    throw new ConfigError([`${basename(file)}: expected one object in { }`], `Correct ${file}.`);
  }
  return { content: content as Record<string, unknown>, mode };
}

function readOrExplain(file: string): SmallFile {
  try {
    return readSmallFile(file, MAX_CONFIG_BYTES);
  } catch (error) {
    throw unreadableConfig(file, error);
  }
}

const FILE_NAME = "retry_counts.json";
const MAX_COUNTERS_BYTES = 16 * 1024 * 1024;

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
    const { bytes } = readSmallFile(path, MAX_COUNTERS_BYTES);
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

/**
 * Parses the text of a config file: strict JSON. Throws `ConfigError` with line and column (both from 1) of the first
 * mistake; `name` and `path` say which file.
 */
export async function parseJson(text: string, name: string, path: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    const { offset, mistake } = text.trim() === "" ? EMPTY : await lookForMistake(text);
    const before = text.slice(0, offset).split(/\r\n|\r|\n/);
    const column = (before.at(-1)?.length ?? 0) + 1;
    const place = `line ${before.length}, column ${column}`;
    // The file's own text is not quoted: it holds keys.
    throw new ConfigError([`${name}: ${place}: not valid JSON: ${mistake}`], `Correct ${path}.`);
  }
}

const EMPTY = { offset: 0, mistake: "the file is empty" };

/** The parser is loaded for nothing else. */
async function lookForMistake(text: string): Promise<{ offset: number; mistake: string }> {
  return (await import("./first-mistake.ts")).firstMistake(text);
}
