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

/** A disk of one folder that remembers what was synced, so that tests can pull the plug at any moment. */
export class MemoryDisk implements FileSystem {
  readonly folder = "/state";
  private entries = new Map<string, Inode>();
  private syncedEntries = new Map<string, Inode>();

  /** Puts a file there as if it had been there for ever. */
  put(name: string, text: string): void {
    const inode = { data: Buffer.from(text), synced: Buffer.from(text), mode: 0o600 };
    this.entries.set(name, inode);
    this.syncedEntries.set(name, inode);
  }

  /** A file's text. */
  text(name: string): string | undefined {
    return this.entries.get(name)?.data.toString();
  }

  names(): string[] {
    return [...this.entries.keys()].sort();
  }

  /** The disk as it comes up after the loss; this one stays as it is. */
  afterLoss(loss: Loss): MemoryDisk {
    const disk = new MemoryDisk();
    const entries = loss === "all" || loss === "entries" ? this.syncedEntries : this.entries;
    for (const [name, inode] of entries) {
      disk.put(name, (loss === "all" || loss === "content" ? inode.synced : inode.data).toString());
    }
    return disk;
  }

  async open(path: string, flags: number, mode = 0o666): Promise<OpenFile> {
    if (path === this.folder) return this.openFolder();
    const name = basename(path);
    let inode = this.entries.get(name);
    if (inode && flags & constants.O_CREAT && flags & constants.O_EXCL) throw systemError("EEXIST", "open");
    if (!inode && !(flags & constants.O_CREAT)) throw systemError("ENOENT", "open");
    if (!inode) {
      inode = { data: Buffer.alloc(0), synced: Buffer.alloc(0), mode };
      this.entries.set(name, inode);
    }
    return openInode(inode, () => this.statOf(inode));
  }

  async stat(path: string): Promise<FileStat> {
    return this.folder.startsWith(path) ? folderStat : this.statOf(this.find(path, "stat"));
  }

  lstat(path: string): Promise<FileStat> {
    return this.stat(path);
  }

  async access(): Promise<void> {}
  async mkdir(): Promise<void> {}
  async chmod(): Promise<void> {}

  async readdir(): Promise<string[]> {
    return this.names();
  }

  async link(existing: string, path: string): Promise<void> {
    const inode = this.find(existing, "link");
    if (this.entries.has(basename(path))) throw systemError("EEXIST", "link");
    this.entries.set(basename(path), inode);
  }

  async rename(from: string, to: string): Promise<void> {
    this.entries.set(basename(to), this.find(from, "rename"));
    this.entries.delete(basename(from));
  }

  async unlink(path: string): Promise<void> {
    this.find(path, "unlink");
    this.entries.delete(basename(path));
  }

  private statOf(inode: Inode): FileStat {
    const nlink = [...this.entries.values()].filter((each) => each === inode).length;
    const { mode, data } = inode;
    return { mode, size: data.length, nlink, isFile: () => true, isDirectory: () => false };
  }

  private find(path: string, syscall: string): Inode {
    const inode = this.entries.get(basename(path));
    if (!inode) throw systemError("ENOENT", syscall);
    return inode;
  }

  private openFolder(): OpenFile {
    return {
      ...openInode({ data: Buffer.alloc(0), synced: Buffer.alloc(0), mode: 0o700 }, () => folderStat),
      sync: async () => {
        this.syncedEntries = new Map(this.entries);
      },
    };
  }
}

/** An error as the operating system gives it. */
export function systemError(code: string, syscall: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${syscall}`), { code, syscall });
}

const folderStat: FileStat = { mode: 0o700, size: 0, nlink: 2, isFile: () => false, isDirectory: () => true };

/** All writes append: the store writes no other way. */
function openInode(inode: Inode, stat: () => FileStat): OpenFile {
  return {
    fd: -1,
    stat: async () => stat(),
    read: async (into, position) => inode.data.copy(into, 0, position),
    write: async (bytes) => {
      inode.data = Buffer.concat([inode.data, bytes]);
      return bytes.length;
    },
    chmod: async (mode) => {
      inode.mode = mode;
    },
    truncate: async (size) => {
      inode.data = inode.data.subarray(0, size);
    },
    sync: async () => {
      inode.synced = Buffer.from(inode.data);
    },
    close: async () => {},
  };
}
