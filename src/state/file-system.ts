import fs, { constants, type Stats } from "node:fs";
import { dirname } from "node:path";
import { StateError } from "../errors.ts";
import { shellQuoted, sudo, userName } from "../permissions.ts";

/** What is asked of a file's metadata; `nlink` is how many names the file has. */
export type FileStat = Pick<Stats, "mode" | "size" | "nlink" | "isFile">;

/**
 * The file operations that state needs, each a single system call, so that tests can fail, cut short or "die" at any
 * one of them. Errors are Node's system errors. Only `sync` is worth waiting for: a slow disk may take seconds over it.
 */
export const nodeFileSystem = {
  /** `flags` are those of `fs.constants`. */
  open: async (path: string, flags: number, mode?: number) => openFile(fs.openSync(path, flags, mode)),
  stat: async (path: string): Promise<FileStat> => fs.statSync(path),
  lstat: async (path: string): Promise<FileStat> => fs.lstatSync(path),
  mkdir: async (path: string, mode: number): Promise<void> => void fs.mkdirSync(path, mode),
  readdir: async (path: string) => fs.readdirSync(path),
  rename: async (from: string, to: string) => fs.renameSync(from, to),
  unlink: async (path: string) => fs.unlinkSync(path),
};
export type FileSystem = typeof nodeFileSystem;

// A plain descriptor instead of a `FileHandle`: Node closes a handle that is garbage collected, and the lock of
// a caller who kept no reference would go with it.
function openFile(fd: number) {
  return {
    /** The descriptor, for a child process to inherit. */
    fd,
    stat: async (): Promise<FileStat> => fs.fstatSync(fd),
    /** One read(2) at `position`; returns how many bytes came, 0 at the end. */
    read: async (into: Uint8Array, position: number) => fs.readSync(fd, into, 0, into.byteLength, position),
    /** One write(2) where the file stands, or at its end when opened for appending; may write less than given. */
    write: async (bytes: Uint8Array) => fs.writeSync(fd, bytes),
    chmod: async (mode: number) => fs.fchmodSync(fd, mode),
    truncate: async (size: number) => fs.ftruncateSync(fd, size),
    /** Returns once the disk has what was written (fsync(2)). */
    sync: () =>
      new Promise<void>((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve()))),
    close: async () => fs.closeSync(fd),
  };
}
export type OpenFile = ReturnType<typeof openFile>;

/** Every file of state is its owner's alone to read and write. */
export const FILE_MODE = 0o600;

/**
 * Opens a file that has to be a regular one: neither a symlink is followed, nor a FIFO's other end waited for. System
 * errors; then nothing is left open.
 */
export async function openRegular(fs: FileSystem, path: string, flags: number) {
  const file = await fs.open(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK, FILE_MODE);
  try {
    const stat = await file.stat();
    if (stat.isFile()) return { file, stat };
    throw Object.assign(new Error("not a regular file"), { code: "ENXIO", syscall: "open" });
  } catch (error) {
    await file.close().catch(() => {});
    throw error;
  }
}

/** The path itself, or the nearest folder above it, that exists and may be looked at. */
export function nearestExisting(path: string): { readonly path: string; readonly stat: Stats } | undefined {
  try {
    return { path, stat: fs.statSync(path) };
  } catch {
    return path === dirname(path) ? undefined : nearestExisting(dirname(path));
  }
}

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
  ENAMETOOLONG: "the path is too long; choose another folder with --state-dir",
};

/**
 * The `StateError` that says what to do about a system error met at `path`; any other error comes back as it is. `closed`
 * is what permission was denied for.
 */
export function stateFailure(doing: string, path: string, error: unknown, closed = path): unknown {
  if (!isSystemError(error)) return error;
  const denied = error.code === "EACCES" || error.code === "EPERM";
  const reason = denied ? permissionDenied(closed) : (CAUSES[error.code] ?? error.code);
  return new StateError(`can't ${doing} ${path}: ${reason}`, { cause: error });
}

type SystemError = NodeJS.ErrnoException & { code: string };

/** Whether something thrown is an error of the operating system, such as ENOENT; `codes` narrows it to these. */
export function isSystemError(error: unknown, ...codes: string[]): error is SystemError {
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
  if (fs.statSync(dirname(found)).uid === me) {
    return `permission denied (${found} belongs to ${owner}); run ${sudo()}chown ${user}: ${shellQuoted(found)}`;
  }
  const remedy = sudo() === "" ? `run as ${owner}` : `run as ${owner} or with sudo`;
  return `permission denied (${found} belongs to ${owner}, this is ${user}); ${remedy}`;
}
