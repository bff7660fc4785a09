import { statSync } from "node:fs";
import { dirname } from "node:path";
import { StateError } from "../errors.ts";
import { shellQuoted, sudo, userName } from "../permissions.ts";
import { nearestExisting } from "./file-system.ts";

/** What a system error means and what to do about it. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk; free some and run again",
  EDQUOT: "the disk quota is used up; free some space and run again",
  EFBIG: "the limit on file sizes is reached; raise it (ulimit -f) and run again",
  EROFS: "the file system is read-only; make it writable or choose another folder with --state-dir",
  EIO: "input/output error; check the disk",
  ELOOP: "it is a symlink, which is not followed; put the file itself in its place",
  EISDIR: "it is a folder; move it away",
  ENXIO: "it is not a regular file; move it away",
  ENOTDIR: "a part of its path is not a folder; choose another folder with --state-dir",
  ENOENT: "no such file or folder",
  EMFILE: "too many open files (ulimit -n)",
  ENFILE: "too many open files on this machine",
  ENOLCK: "the file system has no locks; choose another folder with --state-dir",
  ENAMETOOLONG: "the path is too long; choose another folder with --state-dir",
};

/**
 * Turns a system error met at `path` into the `StateError` that tells a person what to do; anything else
 * (a bug, a `StateError` made before) comes back as it is.
 *
 * @param doing such as "read" or "write".
 */
export function stateFailure(doing: string, path: string, error: unknown): unknown {
  if (!isSystemError(error)) return error;
  const denied = error.code === "EACCES" || error.code === "EPERM";
  const reason = denied ? permissionDenied(path) : (CAUSES[error.code] ?? error.code);
  return new StateError(`can't ${doing} ${path}: ${reason}`, { cause: error });
}

/** Whether something thrown is an error of the operating system, such as ENOENT; `codes` narrows it to these. */
export function isSystemError(
  error: unknown,
  ...codes: string[]
): error is NodeJS.ErrnoException & { code: string } {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return false;
  return typeof error.code === "string" && (codes.length === 0 || codes.includes(error.code));
}

function permissionDenied(path: string): string {
  const me = process.geteuid?.() ?? -1;
  const nearest = nearestExisting(path);
  if (nearest === undefined || nearest.stat.uid === me) {
    return `permission denied; look at the modes and attributes of ${nearest?.path ?? "/"}`;
  }
  const { path: found, stat } = nearest;
  const [owner, user] = [userName(stat.uid), userName(me)];
  if (statSync(dirname(found)).uid === me) {
    return `permission denied (${found} belongs to ${owner}); run ${sudo()}chown ${user}: ${shellQuoted(found)}`;
  }
  const remedy = sudo() === "" ? `run as ${owner}` : `run as ${owner} or with sudo`;
  return `permission denied (${found} belongs to ${owner}, this is ${user}); ${remedy}`;
}
