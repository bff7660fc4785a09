import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { Stats } from "node:fs";
import { constants } from "node:os";
import { resolve } from "node:path";
import { type ExitCode, StateError } from "../errors.ts";
import { nearestExisting } from "./file-system.ts";

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/** Runs this very command line once more as another user and forwards signals. Returns its exit code, as shells do. */
async function runAgainAs(uid: number, groups: readonly number[], env: NodeJS.ProcessEnv): Promise<number> {
  // Node's own `uid` and `gid` would drop all groups but one.
  const user = ["--reuid", `${uid}`, "--regid", `${groups[0]}`, "--groups", groups.join(",")];
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn("setpriv", [...user, "--", ...command], {
    env: { ...process.env, ...env },
    stdio: "inherit",
    // In a process group of its own it gets each signal once: from here, and not from the terminal, too.
    detached: true,
  });
  const forward = (signal: NodeJS.Signals) => void child.kill(signal);
  for (const signal of FORWARDED) process.on(signal, forward);
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward);
  }
}

/** The owner's groups, its own first, as systemd's `User=` gives them; the folder's for a user without an entry. */
function groupsOf({ uid, gid }: Stats): number[] {
  const { status, stdout } = spawnSync("id", ["-G", String(uid)], { encoding: "utf8" });
  return status === 0 ? stdout.trim().split(" ").map(Number) : [gid];
}

/**
 * Run by root on a state folder that belongs to somebody else (or would), becomes that user for good, so that `sudo
 * magnets …` and the service share one state; `beforeLeaving` does what only root can do. To be called after the
 * configuration was read and before anything is done. Throws a `StateError` when root may not become that user (in some
 * containers).
 *
 * Debian 13's own Node refuses `setuid` and the like to every program: it uses the system's libuv, which may use
 * io_uring (CVE-2024-22017). There the command is run again by a process that is that user from its start, and its exit
 * code is returned: it did it all.
 */
export async function becomeOwner(
  folder: string,
  configFile?: string,
  beforeLeaving?: () => Promise<void>,
): Promise<ExitCode | undefined> {
  if (process.geteuid?.() !== 0) return undefined;
  const owner = nearestExisting(resolve(folder))?.stat;
  if (owner === undefined || owner.uid === 0) return undefined;
  await beforeLeaving?.();
  // What is said from here on is still read by whoever called; `sudo` in permissions.ts asks for that.
  process.env.SUDO_UID ||= "0";
  const groups = groupsOf(owner);
  try {
    process.setgroups?.(groups);
    process.setgid?.(groups[0] ?? owner.gid);
    process.setuid?.(owner.uid);
    return undefined;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_INVALID_STATE") {
      // Root's own folders are closed to the other user, so it is told what was found.
      const config = configFile ? { MAGNETS_CONFIG: configFile } : { XDG_CONFIG_HOME: "/nonexistent" };
      const env = { ...config, MAGNETS_STATE_DIR: resolve(folder) };
      return (await runAgainAs(owner.uid, groups, env)) as ExitCode;
    }
    const message = `${folder} belongs to uid ${owner.uid} and root may not become that user here; run as that user`;
    throw new StateError(message, { cause });
  }
}
