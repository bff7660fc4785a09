import type { FileSystem, OpenFile } from "../../src/state/file-system.ts";
import { systemError } from "../simulate/disk-model.ts";

/** Called before each file operation, counted from 1; may throw. "short" makes a write stop half-way. */
export type Interceptor = (operation: string, n: number) => "short" | undefined;

/** Thrown by every operation of a process that is dead. */
export class Died extends Error {}

/** A file system whose every operation can be watched, failed or cut short. */
export function interceptFileSystem(inner: FileSystem, before: Interceptor): FileSystem {
  let count = 0;
  const intercept = (operation: string) => before(operation, ++count);
  const call = async <T>(operation: string, run: () => Promise<T>): Promise<T> => {
    intercept(operation);
    return run();
  };
  const wrap = (file: OpenFile): OpenFile => ({
    fd: file.fd,
    stat: () => call("fstat", () => file.stat()),
    read: (into, position) => call("read", () => file.read(into, position)),
    write: async (bytes) => {
      const short = intercept("write") === "short";
      return file.write(short ? bytes.subarray(0, Math.ceil(bytes.length / 2)) : bytes);
    },
    chmod: (mode) => call("fchmod", () => file.chmod(mode)),
    truncate: (size) => call("ftruncate", () => file.truncate(size)),
    sync: () => call("fsync", () => file.sync()),
    close: () => call("close", () => file.close()),
  });
  return {
    open: (path, flags, mode) => call("open", async () => wrap(await inner.open(path, flags, mode))),
    stat: (path) => call("stat", () => inner.stat(path)),
    lstat: (path) => call("lstat", () => inner.lstat(path)),
    mkdir: (path, mode) => call("mkdir", () => inner.mkdir(path, mode)),
    readdir: (path) => call("readdir", () => inner.readdir(path)),
    rename: (from, to) => call("rename", () => inner.rename(from, to)),
    unlink: (path) => call("unlink", () => inner.unlink(path)),
  };
}

/** Dies at operation `n`: a write still gets half of its bytes out, nothing else happens from then on. */
export function dieAt(n: number): Interceptor {
  let dead = false;
  return (operation, at) => {
    if (dead) throw new Died();
    if (at < n) return undefined;
    dead = true;
    if (operation === "write") return "short";
    throw new Died();
  };
}

/** Fails operation `n` alone. */
export function failAt(n: number, code: string): Interceptor {
  return (operation, at) => {
    if (at === n) throw systemError(code, operation);
    return undefined;
  };
}

/** A disk that is full from write `n` on: that one is cut short, all later ones fail. */
export function fullFrom(n: number): Interceptor {
  let writes = 0;
  return (operation) => {
    if (operation !== "write") return undefined;
    writes++;
    if (writes > n) throw systemError("ENOSPC", "write");
    return writes === n ? "short" : undefined;
  };
}
