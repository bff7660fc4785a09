import { spawnSync } from "node:child_process";

/** A user whom Debian knows as `nobody`. */
export const NOBODY = 65534;

/** Whether this Node lets no program become another user, as Debian 13's own (see `src/state/become-owner.ts`). */
export function nodeRefusesSetuid(): boolean {
  return spawnSync(process.execPath, ["-e", "process.setuid(process.getuid())"]).status !== 0;
}
