import { constants } from "node:fs";
import { basename } from "node:path";
import type { FileStat, FileSystem, OpenFile } from "../../src/state/file-system.ts";

interface Inode {
  data: Buffer;
  /** What a loss of power leaves of the data. */
  synced: Buffer;
  mode: number;
}

/** What a loss of power takes: all that was not synced, only files' content, only folder entries, or nothing. */
export const LOSSES = ["all", "content", "entries", "none"] as const;
export type Loss = (typeof LOSSES)[number];

/**
 * A disk of one folder in memory that remembers what was synced. It can fill up, lose its power, and end the process
 * that uses it at any operation that changes something.
 */
export class DiskModel implements FileSystem {
  readonly folder = "/state";
  #entries = new Map<string, Inode>();
  #syncedEntries = new Map<string, Inode>();
  /** Bytes that fit on the disk. */
  #capacity = Number.POSITIVE_INFINITY;
  /** Changes until the process dies. */
  #left = Number.POSITIVE_INFINITY;
  #dead = false;
  #onDeath: () => void = () => {};
  /** How often something was changed. */
  changes = 0;

  /** Puts a file there as if it had been there for ever. */
  put(name: string, text: string): void {
    const inode = { data: Buffer.from(text), synced: Buffer.from(text), mode: 0o600 };
    this.#entries.set(name, inode);
    this.#syncedEntries.set(name, inode);
  }

  /** A file's text. */
  text(name: string): string | undefined {
    return this.#entries.get(name)?.data.toString();
  }

  /** What would be left of a file's text if the power failed now. */
  durableText(name: string): string | undefined {
    return this.#syncedEntries.get(name)?.synced.toString();
  }

  names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** No more than so many bytes fit in addition; without a number the disk has room again. */
  fill(bytes = Number.POSITIVE_INFINITY): void {
    this.#capacity = this.#used() + bytes;
  }

  /** The process dies at the change that comes after so many others. A write still gets half of its bytes out. */
  killAfter(changes: number, onDeath: () => void): void {
    this.#left = changes;
    this.#onDeath = onDeath;
  }

  /** The process is dead: nothing that it began ends, and nothing is changed any more. */
  kill(): void {
    this.#dead = true;
    this.#onDeath();
  }

  /** Another process may use the disk. */
  revive(): void {
    this.#dead = false;
    this.#left = Number.POSITIVE_INFINITY;
    this.#onDeath = () => {};
  }

  /** The power fails: of what was not synced the loss takes its part, and of each file's end a part may be left. */
  losePower(loss: Loss, random: () => number = () => 0): void {
    const after = this.afterLoss(loss, random);
    this.#entries = after.#entries;
    this.#syncedEntries = after.#syncedEntries;
  }

  /** The disk as it comes up after the loss; this one stays as it is. */
  afterLoss(loss: Loss, random: () => number = () => 0): DiskModel {
    const disk = new DiskModel();
    const entries = loss === "all" || loss === "entries" ? this.#syncedEntries : this.#entries;
    for (const [name, { data, synced }] of entries) {
      const keepsContent = loss === "entries" || loss === "none";
      const torn = data.subarray(0, synced.length + Math.floor(random() * (data.length - synced.length)));
      const isTorn = data.length > synced.length && data.subarray(0, synced.length).equals(synced);
      disk.put(name, (keepsContent ? data : isTorn ? torn : synced).toString());
    }
    return disk;
  }

  async open(path: string, flags: number, mode = 0o666): Promise<OpenFile> {
    await this.#alive();
    if (path === this.folder) return this.#openFolder();
    const name = basename(path);
    let inode = this.#entries.get(name);
    if (inode && flags & constants.O_CREAT && flags & constants.O_EXCL) throw systemError("EEXIST", "open");
    if (!inode && !(flags & constants.O_CREAT)) throw systemError("ENOENT", "open");
    if (!inode) {
      await this.#change();
      inode = { data: Buffer.alloc(0), synced: Buffer.alloc(0), mode };
      this.#entries.set(name, inode);
    }
    return this.#openInode(inode);
  }

  async stat(path: string): Promise<FileStat> {
    await this.#alive();
    return this.folder.startsWith(path) ? folderStat : fileStat(this.#find(path, "stat"));
  }

  lstat(path: string): Promise<FileStat> {
    return this.stat(path);
  }

  async mkdir(): Promise<void> {
    throw systemError("EEXIST", "mkdir");
  }

  async readdir(): Promise<string[]> {
    await this.#alive();
    return this.names();
  }

  async link(existing: string, path: string): Promise<void> {
    await this.#change();
    const inode = this.#find(existing, "link");
    if (this.#entries.has(basename(path))) throw systemError("EEXIST", "link");
    this.#entries.set(basename(path), inode);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#change();
    this.#entries.set(basename(to), this.#find(from, "rename"));
    this.#entries.delete(basename(from));
  }

  async unlink(path: string): Promise<void> {
    await this.#change();
    this.#find(path, "unlink");
    this.#entries.delete(basename(path));
  }

  #find(path: string, syscall: string): Inode {
    const inode = this.#entries.get(basename(path));
    if (!inode) throw systemError("ENOENT", syscall);
    return inode;
  }

  #used(): number {
    let bytes = 0;
    for (const { data } of this.#entries.values()) bytes += data.length;
    return bytes;
  }

  /** Never ends for a process that is dead. */
  async #alive(): Promise<void> {
    if (this.#dead) await new Promise(() => {});
  }

  async #change(): Promise<void> {
    await this.#alive();
    this.changes++;
    if (this.#left-- > 0) return;
    this.kill();
    await this.#alive();
  }

  #openFolder(): OpenFile {
    return {
      ...this.#openInode({ data: Buffer.alloc(0), synced: Buffer.alloc(0), mode: 0o700 }),
      stat: async () => folderStat,
      sync: async () => {
        await this.#change();
        this.#syncedEntries = new Map(this.#entries);
      },
    };
  }

  /** All writes append: the store writes no other way. */
  #openInode(inode: Inode): OpenFile {
    const append = (bytes: Uint8Array) => {
      inode.data = Buffer.concat([inode.data, bytes]);
      return bytes.length;
    };
    return {
      fd: -1,
      stat: async () => {
        await this.#alive();
        return fileStat(inode);
      },
      read: async (into, position) => {
        await this.#alive();
        return inode.data.copy(into, 0, position);
      },
      write: async (bytes) => {
        if (!this.#dead && this.#left <= 0) append(bytes.subarray(0, Math.ceil(bytes.length / 2)));
        await this.#change();
        const room =
          this.#capacity === Number.POSITIVE_INFINITY ? bytes.length : this.#capacity - this.#used();
        if (room <= 0) throw systemError("ENOSPC", "write");
        return append(bytes.subarray(0, room));
      },
      chmod: async (mode) => {
        inode.mode = mode;
      },
      truncate: async (size) => {
        await this.#change();
        inode.data = inode.data.subarray(0, size);
      },
      sync: async () => {
        await this.#change();
        inode.synced = Buffer.from(inode.data);
      },
      close: async () => {},
    };
  }
}

/** An error as the operating system gives it. */
export function systemError(code: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

const folderStat: FileStat = { mode: 0o700, size: 0, nlink: 2, isFile: () => false };

function fileStat(inode: Inode): FileStat {
  return {
    mode: inode.mode,
    size: inode.data.length,
    nlink: 1,
    isFile: () => true,
  };
}
