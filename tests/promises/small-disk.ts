import type { FileSystem, OpenFile } from "../../src/state/file-system.ts";
import { type DiskModel, systemError } from "../simulate/disk-model.ts";

const BLOCK = 4096;

/** A memory disk that holds so many bytes in blocks of 4 KiB, as a small tmpfs does. */
export class SmallDisk {
  readonly #disk: DiskModel;
  #capacity: number;

  constructor(disk: DiskModel, capacity: number) {
    this.#disk = disk;
    this.#capacity = capacity;
  }

  /** Somebody else takes all that is free now. */
  fillUp(): void {
    this.#capacity = this.#used();
  }

  /** The bounds, laid over a view of the disk. */
  over(view: FileSystem): FileSystem {
    return new Proxy<FileSystem>(view, {
      get: (target, property: keyof FileSystem) =>
        property === "open"
          ? async (path: string, flags: number, mode?: number) =>
              this.#bounded(await target.open(path, flags, mode))
          : target[property].bind(target),
    });
  }

  #used(): number {
    const sizes = this.#disk.names().map((name) => Buffer.byteLength(this.#disk.text(name) ?? ""));
    return sizes.reduce((sum, size) => sum + Math.ceil(size / BLOCK) * BLOCK, 0);
  }

  #bounded(file: OpenFile): OpenFile {
    return {
      ...file,
      write: async (bytes) => {
        const { size } = await file.stat();
        const slack = Math.ceil(size / BLOCK) * BLOCK - size;
        const free = slack + Math.max(0, this.#capacity - this.#used());
        if (free <= 0) throw systemError("ENOSPC", "write");
        return file.write(bytes.subarray(0, free));
      },
    };
  }
}
