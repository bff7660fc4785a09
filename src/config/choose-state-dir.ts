import { dirname, join } from "node:path";
import { ConfigError } from "./config-error.ts";
import { SYSTEM_CONFIG } from "./find-config.ts";
import { resolvePath, xdgFolder } from "./resolve-path.ts";

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
