import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

/** Who takes over, and what is added to the environment. */
export interface Successor {
  readonly uid: number;
  /** The group for a user of whom the system knows none. */
  readonly gid: number;
  readonly env: NodeJS.ProcessEnv;
}

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Runs this very command line once more as another user, with the same terminal, files and environment, and
 * hands signals on. Resolves with the code to exit with, which is the other process's own.
 */
export async function runAgainAs({ uid, gid, env }: Successor): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    uid,
    gid: primaryGroup(uid) ?? gid,
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

function primaryGroup(uid: number): number | undefined {
  const { status, stdout } = spawnSync("id", ["-g", String(uid)], { encoding: "utf8" });
  return status === 0 ? Number(stdout) : undefined;
}
