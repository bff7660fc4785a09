import {
  accessSync,
  chmodSync,
  closeSync,
  fchmodSync,
  fstatSync,
  fsync,
  ftruncateSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";

/** What is asked of a file's metadata; a subset of `fs.Stats`. */
export interface FileStat {
  readonly mode: number;
  readonly size: number;
  readonly uid: number;
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

/**
 * The machine's own file system. All but `sync` is done at once: state is small and its files are cached, while each
 * trip to Node's threads would cost more than the call, and loading its promises a tenth of the time of a start.
 */
export const nodeFileSystem: FileSystem = {
  open: async (path, flags, mode) => openFile(openSync(path, flags, mode)),
  stat: async (path) => statSync(path),
  lstat: async (path) => lstatSync(path),
  access: async (path, mode) => accessSync(path, mode),
  mkdir: async (path, mode) => void mkdirSync(path, mode),
  chmod: async (path, mode) => chmodSync(path, mode),
  readdir: async (path) => readdirSync(path),
  link: async (existing, path) => linkSync(existing, path),
  rename: async (from, to) => renameSync(from, to),
  unlink: async (path) => unlinkSync(path),
};

// Plain descriptors and no `FileHandle`: Node closes a handle that is garbage collected, and with it would
// go the lock of a caller who kept no reference.
function openFile(fd: number): OpenFile {
  return {
    fd,
    stat: async () => fstatSync(fd),
    read: async (into, position) => readSync(fd, into, 0, into.byteLength, position),
    write: async (bytes) => writeSync(fd, bytes),
    chmod: async (mode) => fchmodSync(fd, mode),
    truncate: async (size) => ftruncateSync(fd, size),
    // A disk may take its time over this, and requests are under way.
    sync: () => new Promise((resolve, reject) => fsync(fd, (error) => (error ? reject(error) : resolve()))),
    close: async () => closeSync(fd),
  };
}
