import fs, { type Stats } from "node:fs";
import { dirname } from "node:path";

/** What is asked of a file's metadata; a subset of `fs.Stats`. */
export interface FileStat {
  readonly mode: number;
  readonly size: number;
  /** How many names the file has. */
  readonly nlink: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** An open file or folder. Errors are Node's system errors, as with everything here. */
export interface OpenFile {
  /** The descriptor, for a child process to inherit. */
  readonly fd: number;
  stat(): Promise<FileStat>;
  /** One read(2) at `position`; returns how many bytes came, 0 at the end. */
  read(into: Uint8Array, position: number): Promise<number>;
  /** One write(2) where the file stands, or at its end when opened for appending; may write less than given. */
  write(bytes: Uint8Array): Promise<number>;
  chmod(mode: number): Promise<void>;
  truncate(size: number): Promise<void>;
  /** Returns once the disk has what was written (fsync(2)). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The file operations that state needs, each a single system call, so that tests can fail, cut short or
 * "die" at any one of them.
 */
export interface FileSystem {
  /** `flags` are those of `fs.constants`. */
  open(path: string, flags: number, mode?: number): Promise<OpenFile>;
  stat(path: string): Promise<FileStat>;
  lstat(path: string): Promise<FileStat>;
  /** `mode` is one of `fs.constants`' `R_OK`, `W_OK`, `X_OK`, or several. */
  access(path: string, mode: number): Promise<void>;
  mkdir(path: string, mode: number): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  readdir(path: string): Promise<string[]>;
  link(existing: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

/** The machine's own file system. Only `sync` is worth waiting for: a slow disk may take seconds over it. */
export const nodeFileSystem: FileSystem = {
  open: async (path, flags, mode) => openFile(fs.openSync(path, flags, mode)),
  stat: async (path) => fs.statSync(path),
  lstat: async (path) => fs.lstatSync(path),
  access: async (path, mode) => fs.accessSync(path, mode),
  mkdir: async (path, mode) => void fs.mkdirSync(path, mode),
  chmod: async (path, mode) => fs.chmodSync(path, mode),
  readdir: async (path) => fs.readdirSync(path),
  link: async (existing, path) => fs.linkSync(existing, path),
  rename: async (from, to) => fs.renameSync(from, to),
  unlink: async (path) => fs.unlinkSync(path),
};

// A plain descriptor instead of a `FileHandle`: Node closes a handle that is garbage collected, and the lock of
// a caller who kept no reference would go with it.
function openFile(fd: number): OpenFile {
  return {
    fd,
    stat: async () => fs.fstatSync(fd),
    read: async (into, position) => fs.readSync(fd, into, 0, into.byteLength, position),
    write: async (bytes) => fs.writeSync(fd, bytes),
    chmod: async (mode) => fs.fchmodSync(fd, mode),
    truncate: async (size) => fs.ftruncateSync(fd, size),
    sync: () =>
      new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve()))),
    close: async () => fs.closeSync(fd),
  };
}

/** The path itself, or the nearest folder above it, that exists and may be looked at. */
export function nearestExisting(path: string): { readonly path: string; readonly stat: Stats } | undefined {
  try {
    return { path, stat: fs.statSync(path) };
  } catch {
    return path === dirname(path) ? undefined : nearestExisting(dirname(path));
  }
}
