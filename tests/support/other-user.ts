import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** A user whom Debian knows as `nobody`. */
export const NOBODY = 65534;

const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");

/** Whether these tests may act as `nobody`: run by root, in a checkout that is not in a folder closed to others. */
export function canActAsNobody(): boolean {
  if (process.getuid?.() !== 0) return false;
  const options = { uid: NOBODY, gid: NOBODY, env: { HOME: "/nonexistent", PATH: process.env.PATH } };
  return spawnSync(process.execPath, [MAGNETS, "--version"], options).status === 0;
}

/** Whether this Node lets no program become another user, as Debian 13's own (see `src/state/become-owner.ts`). */
export function nodeRefusesSetuid(): boolean {
  return spawnSync(process.execPath, ["-e", "process.setuid(process.getuid())"]).status !== 0;
}
