import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";

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
