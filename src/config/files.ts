import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import type { LegacyCounters } from "../core/settings.ts";
import { howToLetRead, shellQuoted, sudo } from "../permissions.ts";
import { decodeText, explainOddCharacter } from "./parse-json.ts";
import { ConfigError, isOutside, type Place, type Problems } from "./problems.ts";

/**
 * Makes a path absolute: `~/` is the home folder, relative ones start from `base`. Throws `ConfigError` for a relative
 * one where the working directory, which would be that base, was deleted.
 */
export function resolvePath(path: string, base: string | undefined, env: NodeJS.ProcessEnv): string {
  if (path === "~" || path.startsWith("~/")) return join(homeFolder(env), path.slice(1));
  if (base !== undefined || isAbsolute(path)) return resolve(base ?? "/", path);
  const advice = "Name it by its whole path, or change to another folder.";
  throw new ConfigError([`the working directory was deleted, where ${path} would be`], advice);
}

/**
 * What is wrong with a path that was written for a shell, another program or another system, which nothing here
 * expands; undefined when it can be used.
 */
export function explainBadPath(path: string): string | undefined {
  const text = path.trim();
  if (/^["'`“‘«]/.test(text)) return "expected a path, got one in quotes: remove them";
  if (/\$[\w({]|\$$|%[a-z%{]|\{\{|^~[^/]/i.test(text)) {
    return "expected a path, got one with a variable that nothing expands here: write it out";
  }
  if (/^[a-z]:|^\\/i.test(text)) return "expected a path, got one of Windows";
  if (/^[a-z][a-z\d+.-]*:/i.test(text)) return "expected a path, got a URL";
  return undefined;
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

/**
 * Reads a regular file of at most `maxBytes`, with its permission bits. Throws the system's error, or one with the
 * code `EFBIG` or `EFTYPE`: a pipe or a device could be waited for, without end.
 */
export function readSmallFile(path: string, maxBytes: number): { bytes: Buffer; mode: number } {
  // Looked at first, since opening a device may already do something; what took its place since is not waited for.
  expectSmallFile(statSync(path), maxBytes);
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = expectSmallFile(fstatSync(file), maxBytes);
    return { bytes: readFileSync(file), mode: stat.mode & 0o777 };
  } finally {
    closeSync(file);
  }
}

function expectSmallFile(stat: Stats, maxBytes: number): Stats {
  const wrongType = stat.isDirectory() ? "EISDIR" : stat.isFile() ? undefined : "EFTYPE";
  const code = wrongType ?? (stat.size > maxBytes ? "EFBIG" : undefined);
  if (code !== undefined) throw Object.assign(new Error("not a small file"), { code });
  return stat;
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file (part of the path is not a folder)",
  EISDIR: "it is a folder",
  EFTYPE: "it is not a regular file but a pipe, a socket or a device",
  EFBIG: "it is too large",
  EACCES: "permission denied (EACCES)",
  EPERM: "permission denied (EPERM)",
  ELOOP: "its symbolic links form a loop (ELOOP)",
};

/** Says in words why a file could not be read. An error that is not the system's is a bug and thrown again. */
export function explainReadError(error: unknown, file?: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  const remedy = code === "EACCES" && file !== undefined ? howToLetRead(file) : undefined;
  return `${READ_ERRORS[code] ?? `the system reported ${code}`}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** Warns, with the command to run, when others may open the file. */
export function warnIfOpen(place: Place, file: string, mode: number, problems: Problems): void {
  if ((mode & 0o007) === 0) return;
  const command = `${sudo(statSync(file).uid)}chmod o= ${shellQuoted(file)}`;
  problems.warn(place, `every user on this machine can open it: run ${command}`);
}

const MAX_SECRET_BYTES = 65_536;

/** What the parts of a configuration are read from, and where problems go. */
export interface Sources {
  /** Where the config file's relative paths start; where there is none, like `cwd`. */
  readonly folder: string | undefined;
  /** Where those of the environment start; absent where the working directory was deleted. */
  readonly cwd: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly problems: Problems;
}

/** A secret of the config file or the environment: itself, or a file that contains it. */
export interface SecretSetting {
  readonly value?: string | undefined;
  readonly path?: string | undefined;
  /** Where the value is, or would be; the path is under the same name with `_file` at its end. */
  readonly place: Place;
}

/** Reads a secret. Returns it trimmed, with where it was found; undefined when there is none, or a problem. */
export function readSecret(
  { value, path, place }: SecretSetting,
  { folder, cwd, env, problems }: Sources,
): { text: string; place: Place } | undefined {
  if (path === undefined) return value === undefined ? undefined : { text: value.trim(), place };
  const fromEnvironment = isOutside(place);
  const filePlace = [...place.slice(0, -1), `${place.at(-1)}${fromEnvironment ? "_FILE" : "_file"}`];
  if (value !== undefined) {
    return problems.add(filePlace, `${place.at(-1)} is set as well: keep only one of the two`);
  }
  // The path is not repeated: it may be the secret itself, put in the wrong place.
  const wrong = explainBadPath(path);
  if (wrong !== undefined) return problems.add(filePlace, wrong);
  const base = fromEnvironment ? cwd : folder;
  const file = resolvePath(path, base, env);
  problems.files.push(file);
  try {
    const { bytes, mode } = readSmallFile(file, MAX_SECRET_BYTES);
    warnIfOpen(filePlace, file, mode, problems);
    const decoded = decodeText(bytes);
    if ("mistake" in decoded) return problems.add(filePlace, `the file is ${decoded.mistake}`);
    const odd = explainOddCharacter(decoded.text);
    if (odd !== undefined) return problems.add(filePlace, `the file ${odd}`);
    const text = decoded.text.trim();
    return text === "" ? problems.add(filePlace, "the file is empty") : { text, place: filePlace };
  } catch (error) {
    const from = /^[~/]/.test(path) ? "" : ` (relative paths start from ${base})`;
    return problems.add(filePlace, `the file can't be read: ${explainReadError(error, file)}${from}`);
  }
}

/** A secret of the environment: `$NAME`, or the file that `$NAME_FILE` names. Empty variables are not set. */
export function secretVariable(name: string, env: NodeJS.ProcessEnv): SecretSetting | undefined {
  const value = env[name]?.trim() || undefined;
  const path = env[`${name}_FILE`]?.trim() || undefined;
  return value === undefined && path === undefined ? undefined : { value, path, place: [name] };
}

const COUNTERS_NAME = "retry_counts.json";
const MAX_COUNTERS_BYTES = 16 * 1024 * 1024;

/**
 * Reads the original program's counters: `setting` (`retry_counts_path`), else `retry_counts.json` beside the config
 * file. They are read now because the program may lose the right to once it runs as the state folder's owner. Undefined
 * without a config file, and when that file is the state folder's own.
 */
export function readLegacyCounters(
  setting: string | null | undefined,
  configFile: string | undefined,
  stateDir: string,
  env: NodeJS.ProcessEnv,
  problems: Problems,
): LegacyCounters | undefined {
  if (configFile === undefined) return undefined;
  const named = setting?.trim();
  const path = resolvePath(named || COUNTERS_NAME, dirname(configFile), env);
  if (realLocation(path) === realLocation(join(stateDir, COUNTERS_NAME))) return undefined;
  try {
    const text = new TextDecoder().decode(readSmallFile(path, MAX_COUNTERS_BYTES).bytes);
    problems.files.push(path);
    return { path, text };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOENT" && code !== "ENOTDIR") return { path, error: explainReadError(error, path) };
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
