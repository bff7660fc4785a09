import { lstatSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./config-error.ts";
import { explainReadError } from "./read-small-file.ts";
import { resolvePath, xdgFolder } from "./resolve-path.ts";

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
