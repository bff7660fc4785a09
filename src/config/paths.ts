import { lstatSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { ConfigError } from "./config.ts";
import { explainReadError } from "./read-files.ts";

/** Makes a path absolute: `~/` is the home folder, relative ones start from `base`. */
export function resolvePath(path: string, base: string, env: NodeJS.ProcessEnv): string {
  if (path === "~" || path.startsWith("~/")) return join(homeFolder(env), path.slice(1));
  return resolve(base, path);
}

/**
 * An XDG base folder: the variable when it holds an absolute path (relative ones are to be ignored, XDG Base
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

/** The config file of the whole system. */
export const SYSTEM_CONFIG = "/etc/magnets/config.json";

/** The config file in use, else where one was looked for. */
export interface FoundConfig {
  /** Absolute. */
  readonly file?: string;
  /** Absolute paths, in the order of precedence. */
  readonly lookedFor: readonly string[];
}

/**
 * Finds the config file: the first that exists of `--config` (`configPath`), `$MAGNETS_CONFIG`,
 * `$XDG_CONFIG_HOME/magnets/config.json`, the system's and `./config.json`. Throws `ConfigError` when the one that
 * was named is not there, or when it can't be told whether one exists.
 */
export function findConfig(
  configPath: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
  systemConfig: string = SYSTEM_CONFIG,
): FoundConfig {
  const named = configPath === undefined ? env.MAGNETS_CONFIG || undefined : configPath;
  if (named !== undefined) {
    const option = configPath === undefined ? "$MAGNETS_CONFIG" : "--config";
    if (named === "") throw new ConfigError([`${option}: expected the path of a config file`]);
    const file = resolvePath(named, cwd, env);
    if (exists(file)) return { file, lookedFor: [file] };
    throw new ConfigError([`${option}: there is no file ${file}`], "Correct the path, or create the file.");
  }
  const lookedFor = [
    join(xdgFolder("XDG_CONFIG_HOME", ".config", env), "magnets", "config.json"),
    systemConfig,
    join(cwd, "config.json"),
  ];
  for (const file of lookedFor) {
    if (exists(file)) return { file, lookedFor };
  }
  return { lookedFor };
}

// A symbolic link that leads nowhere does exist: somebody meant a file, so reading it has to fail loudly.
function exists(file: string): boolean {
  try {
    lstatSync(file);
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return false;
    throw unreadableConfig(file, error);
  }
}

/** The error for a config file that can't be read; `error` is the system's. */
export function unreadableConfig(file: string, error: unknown): ConfigError {
  return new ConfigError(
    [`${file} can't be read: ${explainReadError(error)}`],
    "Run as a user who may read it, or name another file with --config.",
  );
}

/** What the choice of the state folder depends on. */
export interface StateDirSources {
  /** `--state-dir`. */
  readonly option?: string | undefined;
  /** `state_dir` of the config file. */
  readonly setting?: string | null | undefined;
  /** The config file in use, absolute. */
  readonly configFile?: string | undefined;
}

/** Chooses the state folder; the result is absolute. Throws `ConfigError` for an empty `--state-dir`. */
export function chooseStateDir(sources: StateDirSources, env: NodeJS.ProcessEnv, cwd: string): string {
  const { option, setting, configFile } = sources;
  if (option === "") throw new ConfigError(["--state-dir: expected a path"]);
  // systemd lists several folders separated by colons (systemd.exec, StateDirectory=).
  const systemd = env.STATE_DIRECTORY?.split(":")[0];
  const given = option || env.MAGNETS_STATE_DIR || systemd;
  if (given) return resolvePath(given, cwd, env);
  if (setting && configFile !== undefined) return resolvePath(setting, dirname(configFile), env);
  if (configFile === SYSTEM_CONFIG) return "/var/lib/magnets";
  return join(xdgFolder("XDG_STATE_HOME", ".local/state", env), "magnets");
}
