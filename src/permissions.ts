import { accessSync, constants, readFileSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";

/** Who reads what this process says: whoever called sudo, else the user that it began as (`becomeOwner` keeps that). */
function readerId(): number {
  return Number(process.env.SUDO_UID || (process.geteuid?.() ?? 0));
}

/** What the reader has to put before a command that only `owner` (default: root) may run; root needs nothing. */
export function sudo(owner = 0): "" | "sudo " {
  const reader = readerId();
  return reader === 0 || reader === owner ? "" : "sudo ";
}

/** Whether this process sweeps, or speaks, for a user who does not read it: the service's, or a folder's owner. */
function isForSomebodyElse(): boolean {
  const { SUDO_UID, STATE_DIRECTORY } = process.env;
  return SUDO_UID ? readerId() !== process.geteuid?.() : STATE_DIRECTORY !== undefined;
}

/** The user's name in /etc/passwd, else `uid N`. */
export function userName(uid: number): string {
  return nameIn("/etc/passwd", uid) ?? `uid ${uid}`;
}

/** A path as a shell takes it. */
export function shellQuoted(path: string): string {
  return /^[\w/.@:+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

/** The service's own files: who is not the service reads them with sudo, and leaves their owner as it is. */
const SERVICE_FOLDERS = /^\/(etc|var\/lib)\/magnets(\/|$)/;

/** Whether it is where systemd's sandbox hides it from the service, whatever its mode. */
export function isHome(path: string): boolean {
  return /^\/(home|root|run\/user)(\/|$)/.test(path);
}

/** What lets this process's user read a file that it may not, to be pasted; undefined where modes don't explain it. */
export function howToLetRead(file: string): string | undefined {
  const uid = process.geteuid?.() ?? 0;
  if (uid === 0) return undefined;
  if (SERVICE_FOLDERS.test(file) && !isForSomebodyElse()) return "run it with sudo";
  const closed = closedFolder(dirname(file));
  if (closed !== undefined && isHome(closed)) {
    if (!isForSomebodyElse()) return undefined;
    const install = `${sudo()}install -o root -g ${groupName()} -m 0640 ${shellQuoted(file)} /etc/magnets/`;
    return `put it where ${userName(uid)} can read it: ${install}`;
  }
  const path = closed ?? file;
  const stat = statOf(path);
  if (stat === undefined) return undefined;
  const right = closed === undefined ? "r" : "x";
  const target = shellQuoted(path);
  if (stat.uid === uid) return `run ${sudo(uid)}chmod u+${right} ${target}`;
  const chgrp = stat.gid === process.getegid?.() ? "" : `${sudo()}chgrp ${groupName()} ${target} && `;
  return `run ${chgrp}${sudo(stat.uid)}chmod g+${right} ${target}`;
}

/** Whether this process's user may do that with a file or folder; `mode` is of `fs.constants`. */
export function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** The first folder on the way to that one, or itself, that this process may not enter. */
function closedFolder(folder: string): string | undefined {
  const above = folder === dirname(folder) ? undefined : closedFolder(dirname(folder));
  return above ?? (may(folder, constants.X_OK) ? undefined : folder);
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

function groupName(): string {
  const gid = process.getegid?.() ?? 0;
  return nameIn("/etc/group", gid) ?? `${gid}`;
}

/** Both files begin each line with a name, a password and a number. */
function nameIn(file: "/etc/passwd" | "/etc/group", id: number): string | undefined {
  return readTable(file).find((entry) => entry[2] === String(id))?.[0] || undefined;
}

/** The lines of /etc/passwd or /etc/group, in their fields. Some containers have none. */
export function readTable(file: "/etc/passwd" | "/etc/group"): string[][] {
  try {
    return Array.from(readFileSync(file, "utf8").split("\n"), (line) => line.split(":"));
  } catch {
    return [];
  }
}
