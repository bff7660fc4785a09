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
