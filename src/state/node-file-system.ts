import * as fs from "node:fs";
import type { FileSystem, OpenFile } from "./file-system.ts";

/**
 * The machine's own file system. All but `sync` is done at once: state is small and its files are cached, while each
 * trip to Node's threads would cost more than the call, and loading its promises a tenth of the time of a start.
 */
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

// Plain descriptors and no `FileHandle`: Node closes a handle that is garbage collected, and with it would
// go the lock of a caller who kept no reference.
function openFile(fd: number): OpenFile {
  return {
    fd,
    stat: async () => fs.fstatSync(fd),
    read: async (into, position) => fs.readSync(fd, into, 0, into.byteLength, position),
    write: async (bytes) => fs.writeSync(fd, bytes),
    chmod: async (mode) => fs.fchmodSync(fd, mode),
    truncate: async (size) => fs.ftruncateSync(fd, size),
    // A disk may take its time over this, and requests are under way.
    sync: () =>
      new Promise((resolve, reject) => fs.fsync(fd, (error) => (error ? reject(error) : resolve()))),
    close: async () => fs.closeSync(fd),
  };
}
