import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { LegacyCounters } from "../core/settings.ts";
import { howToLetRead, shellQuoted, sudo } from "../permissions.ts";
import { explainOddCharacter } from "./parse-json.ts";
import { ConfigError, isOutside, type Place, type Problems, type Sources } from "./problems.ts";

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

/** What is wrong with a path that was written for a shell, another program or another system, if anything. */
export function explainBadPath(path: string): string | undefined {
  const text = path.trim();
  if (/^["'`“‘«]/.test(text)) return "expected a path, got one in quotes: remove them";
  if (/\$[\w({]|\$$|%[a-z%{]|\{\{|^~[^/]/i.test(text)) {
    return "expected a path, got one with a variable that nothing expands here: write it out";
  }
  if (/^[a-z]:|^\\/i.test(text)) return "expected a path, got one of Windows";
  return /^[a-z][a-z\d+.-]*:/i.test(text) ? "expected a path, got a URL" : undefined;
}

/**
 * An XDG base folder: the variable's value when it is absolute (relative ones are ignored, XDG Base Directory
 * Specification), else `fallback` under the home folder.
 */
export function xdgFolder(value: string | undefined, fallback: string, env: NodeJS.ProcessEnv): string {
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
 * Reads a regular file of at most `maxBytes`. Throws the system's error, or one with a code of `READ_ERRORS`: a pipe or
 * a device could be waited for, without end.
 */
export function readSmallFile(path: string, maxBytes: number) {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(file);
    const wrongType = stat.isDirectory() ? "EISDIR" : stat.isFile() ? undefined : "ENXIO";
    const code = wrongType ?? (stat.size > maxBytes ? "EFBIG" : undefined);
    if (code !== undefined) throw Object.assign(new Error("not a small file"), { code });
    return { bytes: readFileSync(file), stat };
  } finally {
    closeSync(file);
  }
}

/** Reads a text file of the configuration like that, and warns, with the command to run, when others may open it. */
export function readText(file: string, place: Place, problems: Problems): string {
  problems.files.push(file);
  const { bytes, stat } = readSmallFile(file, 1024 * 1024);
  if ((stat.mode & 0o007) !== 0) {
    const command = `${sudo(stat.uid)}chmod o= ${shellQuoted(file)}`;
    problems.warn(place, `every user on this machine can open it: run ${command}`);
  }
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}

const READ_ERRORS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "there is no such file (part of the path is not a folder)",
  EISDIR: "it is a folder",
  // Also what the system says of a socket.
  ENXIO: "it is not a regular file but a pipe, a socket or a device",
  EFBIG: "it is too large",
  EACCES: "permission denied (EACCES)",
  EPERM: "permission denied (EPERM)",
  ELOOP: "its symbolic links form a loop (ELOOP)",
  ERR_ENCODING_INVALID_ENCODED_DATA: "it is not UTF-8 text: save it as UTF-8",
};

/** Says in words why a file could not be read, and how it can be. An error without a code is a bug and thrown again. */
export function explainReadError(error: unknown, file: string): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (typeof code !== "string") throw error;
  const remedy = code === "EACCES" ? howToLetRead(file) : undefined;
  return `${READ_ERRORS[code] ?? `the system reported ${code}`}${remedy === undefined ? "" : `; ${remedy}`}`;
}

/** A secret of the config file or the environment: itself, or a file that contains it. */
export interface SecretSetting {
  readonly value?: string | undefined;
  readonly path?: string | undefined;
  /** Where the value is, or would be; the path is under the same name with `_file` at its end. */
  readonly place: Place;
}

/** Reads a secret. Returns it trimmed, with where it was found; undefined when there is none, or a problem. */
export function readSecret({ value, path, place }: SecretSetting, { folder, cwd, env, problems }: Sources) {
  if (path === undefined) {
    const odd = explainOddCharacter(value ?? "");
    if (odd !== undefined) return problems.add(place, odd);
    return value === undefined ? undefined : { text: value.trim(), place };
  }
  const isVariable = isOutside(place);
  const filePlace = [...place.slice(0, -1), `${place.at(-1)}${isVariable ? "_FILE" : "_file"}`];
  if (value !== undefined) {
    return problems.add(filePlace, `${place.at(-1)} is set as well: keep only one of the two`);
  }
  // The path is not repeated: it may be the secret itself, put in the wrong place.
  const wrong = explainBadPath(path);
  if (wrong !== undefined) return problems.add(filePlace, wrong);
  const base = isVariable ? cwd : folder;
  const file = resolvePath(path, base, env);
  try {
    const whole = readText(file, filePlace, problems);
    const text = whole.trim();
    const odd = text === "" ? "is empty" : explainOddCharacter(whole);
    return odd === undefined ? { text, place: filePlace } : problems.add(filePlace, `the file ${odd}`);
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

/**
 * Reads the original program's counters: `setting` (`retry_counts_path`), else those beside the config file. They are
 * read now because the program may lose the right to once it runs as the state folder's owner.
 */
export function readLegacyCounters(
  setting: string | null | undefined,
  configFile: string,
  { env, problems }: Sources,
): LegacyCounters {
  const named = setting?.trim();
  const path = resolvePath(named || "retry_counts.json", dirname(configFile), env);
  try {
    const text = new TextDecoder().decode(readSmallFile(path, 16 * 1024 * 1024).bytes);
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
