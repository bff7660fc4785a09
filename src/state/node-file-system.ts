import * as fs from "node:fs";
import { promisify } from "node:util";
import type { FileSystem, OpenFile } from "./file-system.ts";

const open = promisify(fs.open);
const close = promisify(fs.close);
const fstat = promisify(fs.fstat);
const read = promisify(fs.read);
const write = promisify(fs.write);
const fchmod = promisify(fs.fchmod);
const ftruncate = promisify(fs.ftruncate);
const fsync = promisify(fs.fsync);

/** The machine's own file system. */
export const nodeFileSystem: FileSystem = {
  open: async (path, flags, mode) => openFile(await open(path, flags, mode)),
  stat: (path) => fs.promises.stat(path),
  lstat: (path) => fs.promises.lstat(path),
  access: (path, mode) => fs.promises.access(path, mode),
  mkdir: (path, mode) => promisify(fs.mkdir)(path, mode),
  chmod: (path, mode) => fs.promises.chmod(path, mode),
  readdir: (path) => fs.promises.readdir(path),
  link: (existing, path) => fs.promises.link(existing, path),
  rename: (from, to) => fs.promises.rename(from, to),
  unlink: (path) => fs.promises.unlink(path),
};

// Plain descriptors and no `FileHandle`: Node closes a handle that is garbage collected, and with it would
// go the lock of a caller who kept no reference.
function openFile(fd: number): OpenFile {
  return {
    fd,
    stat: () => fstat(fd),
    read: async (into, position) => (await read(fd, into, 0, into.byteLength, position)).bytesRead,
    write: async (bytes) => (await write(fd, bytes)).bytesWritten,
    chmod: (mode) => fchmod(fd, mode),
    truncate: (size) => ftruncate(fd, size),
    sync: () => fsync(fd),
    close: () => close(fd),
  };
}
