import { lstatSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { readTable } from "../permissions.ts";
import { explainReadError, readText, resolvePath, xdgFolder } from "./files.ts";
import { parseConfigJson } from "./parse-json.ts";
import { ConfigError, type Problems } from "./problems.ts";

/** The config file of the whole system. */
export const SYSTEM_CONFIG = "/etc/magnets/config.json";

/**
 * Finds the config file: the first that exists of `--config` (`configPath`), `$MAGNETS_CONFIG`, the user's, the system's
 * and `./config.json`; all paths are absolute. Throws `ConfigError` when the one that was named is not there, when it
 * can't be told whether one exists, and when `./config.json` may be somebody else's.
 */
export function findConfig(
  configPath: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string | undefined,
  systemConfig = SYSTEM_CONFIG,
): { file?: string | undefined; lookedFor: readonly string[] } {
  const named = configPath === undefined ? env.MAGNETS_CONFIG || undefined : configPath;
  if (named !== undefined) {
    const option = configPath === undefined ? "$MAGNETS_CONFIG" : "--config";
    if (named === "") throw new ConfigError([`${option}: expected the path of a config file`]);
    const file = resolvePath(named, cwd, env);
    if (exists(file)) return { file, lookedFor: [file] };
    throw new ConfigError([`${option}: there is no file ${file}`], "Correct the path, or create the file.");
  }
  const here = cwd === undefined ? [] : [join(cwd, "config.json")];
  const own = join(xdgFolder(env.XDG_CONFIG_HOME, ".config", env), "magnets", "config.json");
  const lookedFor = [own, systemConfig, ...here];
  const file = lookedFor.find(exists);
  const reason = file && here.includes(file) ? orUnreadable(file, () => distrust(file)) : undefined;
  if (reason === undefined) return { file, lookedFor };
  const advice = "If you trust it, name it with --config; else run magnets in another folder.";
  throw new ConfigError([`${file} is not used: ${reason}`], advice);
}

/**
 * Why a file that was not named but found in the working directory must not be used: somebody else could have put it
 * there, or could change it. Nothing when it is the caller's own. For root only what root alone can write is. Throws the
 * system's error when it can't be looked at.
 */
export function distrust(file: string, uid = process.geteuid?.() ?? 0): string | undefined {
  // Of a symbolic link, what it leads to counts, too.
  const real = realpathSync(file);
  for (const path of new Set([dirname(file), dirname(real), real])) {
    const who = whoElseCanWrite(statSync(path), uid);
    if (who !== undefined) return path === real ? `${file} ${who}` : `its folder ${path} ${who}`;
  }
  return undefined;
}

/** Follows the name of a file or folder. */
function whoElseCanWrite({ uid: owner, gid, mode }: Stats, me: number): string | undefined {
  if (owner !== 0 && owner !== me) return `belongs to another user (uid ${owner})`;
  if ((mode & 0o002) !== 0) return "can be written by every user";
  if ((mode & 0o020) === 0) return undefined;
  return me !== 0 && isOwnGroup(gid, owner) ? undefined : `can be written by a group (gid ${gid})`;
}

/** Whether the group is the user's alone, as most systems make one for each user. */
function isOwnGroup(gid: number, uid: number): boolean {
  const users = readTable("/etc/passwd").map(([name = "", , id, group]) => ({ name, id, group }));
  const user = users.find(({ id }) => id === String(uid));
  // Users of a directory service, and those of containers, are not listed; neither is a group of their own.
  if (!user) return gid === uid;
  if (user.group !== String(gid)) return false;
  const members = readTable("/etc/group")
    .filter(([, , id]) => id === String(gid))
    .flatMap(([, , , names = ""]) => names.split(",").filter(Boolean));
  const others = users.filter(({ group, id }) => group === user.group && id !== user.id);
  return others.length === 0 && members.every((member) => member === user.name);
}

// A symbolic link that leads nowhere does exist: somebody meant a file, so reading it has to fail loudly.
function exists(file: string): boolean {
  return orUnreadable(file, () => {
    try {
      lstatSync(file);
      return true;
    } catch (error) {
      // Also where the home folder is none: /dev/null is many a service's.
      if (/^(ENOENT|ENOTDIR)$/.test(`${(error as NodeJS.ErrnoException).code}`)) return false;
      throw error;
    }
  });
}

/** What `look` returns; an error of the system is one of the configuration. */
function orUnreadable<T>(file: string, look: () => T): T {
  try {
    return look();
  } catch (cause) {
    const advice = "Correct this, or name another file with --config.";
    throw new ConfigError([`${file} can't be read: ${explainReadError(cause, file)}`], advice, { cause });
  }
}

/** Reads the config file as an unchecked object. Throws `ConfigError` when it can't be read or is not an object. */
export function readConfigFile(file: string, problems: Problems): Record<string, unknown> {
  const text = orUnreadable(file, () => readText(file, [], problems));
  const content = parseConfigJson(text, problems);
  if (typeof content === "object" && content !== null && !Array.isArray(content)) {
    return content as Record<string, unknown>;
  }
  throw problems.fatal([], "expected one object in { }");
}
