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
import type { FileSystem, OpenFile } from "./file-system.ts";

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
