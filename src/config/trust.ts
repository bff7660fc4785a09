import { readFileSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Why a file that was not named but found in the working directory must not be used: somebody else could have put it
 * there, or could change it. Nothing when it is the caller's own. For root only what root alone can write is.
 *
 * @throws the system's error when it can't be looked at.
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
  const isOwn = me !== 0 && isOwnGroup(gid, owner);
  return isOwn ? undefined : `can be written by a group (gid ${gid})`;
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

function readTable(file: string): string[][] {
  try {
    return readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"));
  } catch {
    return [];
  }
}
