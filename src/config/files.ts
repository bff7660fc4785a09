import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { LegacyCounters } from "../core/settings.ts";
import type { Place, Problems } from "./config.ts";

/** Makes a path absolute: `~/` is the home folder, relative ones start from `base`. */
export function resolvePath(path: string, base: string, env: NodeJS.ProcessEnv): string {
  if (path === "~" || path.startsWith("~/")) return join(homeFolder(env), path.slice(1));
  return resolve(base, path);
}

/**
 * An XDG base folder: the variable when it holds an absolute path (relative ones are ignored, XDG Base
 * Directory Specification), else `fallback` under the home folder.
 */
export function xdgFolder(
  variable: "XDG_CONFIG_HOME" | "XDG_STATE_HOME",
  fallback: string,
  env: NodeJS.ProcessEnv,
): string {
  const value = env[variable];
  return value !== undefined && isAbsolute(value) ? value : join(homeFolder(env), fallback);
}

function homeFolder(env: NodeJS.ProcessEnv): string {
  if (env.HOME !== undefined && isAbsolute(env.HOME)) return env.HOME;
  try {
    return homedir();
  } catch {
    // A user without an entry in the password database, as in containers.
    return "/";
  }
}

const CHUNK_BYTES = 65_536;

/** Its mode is its permission bits. */
export interface SmallFile {
  readonly bytes: Buffer;
  readonly mode: number;
}

/**
 * Reads a regular file of at most `maxBytes`. Throws the system's error, or one with the code `EFBIG` or `EFTYPE`: a
 * pipe or a device could be waited for, without end.
 */
export function readSmallFile(path: string, maxBytes: number): SmallFile {
  // Looked at first, since opening a device may already do something; what took its place since is not waited for.
  expectRegular(statSync(path));
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = expectRegular(fstatSync(file));
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const count = readSync(file, chunk);
      if (count === 0) break;
      chunks.push(chunk.subarray(0, count));
      size += count;
      // Counted while reading: the file may grow.
      if (size > maxBytes) throw Object.assign(new Error("file too large"), { code: "EFBIG" });
    }
    return { bytes: Buffer.concat(chunks), mode: stat.mode & 0o777 };
  } finally {
    closeSync(file);
  }
}

function expectRegular(stat: Stats): Stats {
  if (stat.isFile()) return stat;
  const code = stat.isDirectory() ? "EISDIR" : "EFTYPE";
  throw Object.assign(new Error("not a regular file"), { code });
}

/** Says in words why a file could not be read. An error that is not the system's is a bug and thrown again. */
export function explainReadError(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  switch (code) {
    case "ENOENT":
      return "there is no such file";
    case "ENOTDIR":
      return "there is no such file (part of the path is not a folder)";
    case "EISDIR":
      return "it is a folder";
    case "EFTYPE":
      return "it is not a regular file but a pipe, a socket or a device";
    case "EFBIG":
      return "it is too large";
    case "EACCES":
    case "EPERM":
      return `permission denied (${code})`;
    case "ELOOP":
      return "its symbolic links form a loop (ELOOP)";
    default:
      return `the system reported ${code}`;
  }
}

/** Warns, with the command to run, when others may open the file. */
export function warnIfOpen(place: Place, file: string, mode: number, problems: Problems): void {
  if ((mode & 0o007) === 0) return;
  const quoted = /^[\w/.@:+-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
  problems.warn(place, `every user on this machine can open it: run chmod o= ${quoted}`);
}

const MAX_SECRET_BYTES = 65_536;

/**
 * Reads a secret of the config file or the environment: given as itself at `place` (`value`), or in a file whose
 * `path`, relative to `folder`, stands beside it at `key_file` for `key`. Returns it trimmed, with where it was found;
 * undefined when there is none, or it can't be read: a problem then says why.
 */
export function readSecret(
  place: Place,
  { value, path }: { value?: string | undefined; path?: string | undefined },
  folder: string,
  env: NodeJS.ProcessEnv,
  problems: Problems,
): { text: string; place: Place } | undefined {
  if (path === undefined) return value === undefined ? undefined : { text: value.trim(), place };
  const name = typeof place === "string" ? place : `${place.at(-1)}`;
  const filePlace = typeof place === "string" ? `${name}_FILE` : [...place.slice(0, -1), `${name}_file`];
  if (value !== undefined) return problems.add(filePlace, `${name} is set as well: keep only one of the two`);
  // The path is not repeated: it may be the secret itself, put in the wrong place.
  if (/^https?:\/\//i.test(path)) return problems.add(filePlace, "expected the path of a file, got a URL");
  try {
    const file = resolvePath(path, folder, env);
    const { bytes, mode } = readSmallFile(file, MAX_SECRET_BYTES);
    warnIfOpen(filePlace, file, mode, problems);
    // Drops a byte order mark, too.
    const text = new TextDecoder().decode(bytes).trim();
    return text === "" ? problems.add(filePlace, "the file is empty") : { text, place: filePlace };
  } catch (error) {
    const from = /^[~/]/.test(path) ? "" : ` (relative paths start from ${folder})`;
    return problems.add(filePlace, `the file can't be read: ${explainReadError(error)}${from}`);
  }
}

const COUNTERS_NAME = "retry_counts.json";
const MAX_COUNTERS_BYTES = 16 * 1024 * 1024;

/**
 * Reads the original program's counters: `setting` (`retry_counts_path`), else `retry_counts.json` in `folder`, where
 * the config file is. They are read now because the program may lose the right to once it runs as the state folder's
 * owner. Undefined when that file is the state folder's own.
 */
export function readLegacyCounters(
  setting: string | null | undefined,
  folder: string,
  stateDir: string,
  env: NodeJS.ProcessEnv,
  problems: Problems,
): LegacyCounters | undefined {
  const named = setting?.trim();
  const path = resolvePath(named || COUNTERS_NAME, folder, env);
  if (realLocation(path) === realLocation(join(stateDir, COUNTERS_NAME))) return undefined;
  try {
    return { path, text: new TextDecoder().decode(readSmallFile(path, MAX_COUNTERS_BYTES).bytes) };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOENT" && code !== "ENOTDIR") return { path, error: explainReadError(error) };
    const text = `there is no file ${path}, so no earlier counters are imported: correct the path or remove it`;
    if (named) problems.warn(["retry_counts_path"], text);
    return { path };
  }
}

function realLocation(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path));
  } catch {
    return path;
  }
}
