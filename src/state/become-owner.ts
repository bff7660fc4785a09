import { type Stats, statSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { StateError } from "../errors.ts";

/**
 * Run by root on a state folder that belongs to somebody else, becomes that user for good, so that
 * `sudo magnets …` and the service share one state. A folder that is not there yet counts as its nearest
 * parent's owner's. To be called after the configuration was read and before state is touched.
 *
 * @throws StateError when root may not become that user (a container without the right to).
 */
export function becomeOwner(folder: string): void {
  if (process.geteuid?.() !== 0) return;
  const owner = nearest(resolve(folder));
  if (owner === undefined || owner.uid === 0) return;
  try {
    const gid = groupOf(owner);
    process.setgroups?.([gid]);
    process.setgid?.(gid);
    process.setuid?.(owner.uid);
  } catch (cause) {
    const message = `${folder} belongs to uid ${owner.uid} and root may not become that user here; run as that user`;
    throw new StateError(message, { cause });
  }
}

function nearest(path: string): Stats | undefined {
  const stat = statOf(path);
  return stat ?? (path === dirname(path) ? undefined : nearest(dirname(path)));
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** The owner's own group, which need not be the folder's; the folder's for a user without an entry. */
function groupOf(owner: Stats): number {
  // `userInfo` tells of the effective user only.
  process.seteuid?.(owner.uid);
  try {
    return userInfo().gid;
  } catch {
    return owner.gid;
  } finally {
    process.seteuid?.(0);
  }
}
