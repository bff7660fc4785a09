import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { StateError } from "../errors.ts";
import type { FileSystem } from "./file-system.ts";

/** What a system error means and what to do about it. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the disk; free some and run again",
  EDQUOT: "the disk quota is used up; free some space and run again",
  EFBIG: "the limit on file sizes is reached; raise it (ulimit -f) and run again",
  EROFS: "the file system is read-only; make it writable or choose another folder with --state-dir",
  EIO: "input/output error; check the disk",
  ELOOP: "it is a symlink, which is not followed; put the file itself in its place",
  EISDIR: "it is a folder; move it away",
  ENXIO: "it is no regular file; move it away",
  ENOTDIR: "a part of its path is no folder; choose another folder with --state-dir",
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
export async function stateFailure(
  fs: FileSystem,
  doing: string,
  path: string,
  error: unknown,
): Promise<unknown> {
  if (!isSystemError(error)) return error;
  const cause =
    error.code === "EACCES" || error.code === "EPERM"
      ? await permissionDenied(fs, path)
      : (CAUSES[error.code] ?? error.code);
  return new StateError(`can't ${doing} ${path}: ${cause}`, { cause: error });
}

/** Whether something thrown is the operating system's answer, such as ENOENT; `codes` narrows it to these. */
export function isSystemError(
  error: unknown,
  ...codes: string[]
): error is NodeJS.ErrnoException & { code: string } {
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return false;
  return typeof error.code === "string" && (codes.length === 0 || codes.includes(error.code));
}

async function permissionDenied(fs: FileSystem, path: string): Promise<string> {
  const me = process.geteuid?.() ?? -1;
  // The nearest thing on the way that can be looked at tells whose it all is.
  for (let at = path; ; at = dirname(at)) {
    const owner = await fs.stat(at).then(
      (stat) => stat.uid,
      () => undefined,
    );
    if (owner !== undefined && owner !== me) {
      const [theirs, mine] = [userName(owner), userName(me)];
      return `permission denied (${at} belongs to ${theirs}, you are ${mine}); run as ${theirs}, with sudo, or change the owner`;
    }
    if (owner !== undefined || at === dirname(at)) {
      return `permission denied; look at the modes and attributes of ${at}`;
    }
  }
}

/** The user's name by /etc/passwd, else `uid N`. */
export function userName(uid: number): string {
  const line = readPasswd()
    .split("\n")
    .find((user) => user.split(":")[2] === String(uid));
  return line?.split(":")[0] || `uid ${uid}`;
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}
