import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { compareFile } from "../../src/state/compare-file.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { interceptFileSystem } from "./intercepted-file-system.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const chunks = (...texts: string[]) => texts.map((text) => Buffer.from(text));

describe("compareFile", () => {
  it.each([
    ["abcdef", chunks("abc", "def"), "same"],
    ["abcdef", chunks("abcdef"), "same"],
    ["", chunks(), "same"],
    ["Xbcdef", chunks("abc", "def"), "different"],
    ["abcdeX", chunks("abc", "def"), "different"],
    ["abcde", chunks("abc", "def"), "different"],
    ["abcdefg", chunks("abc", "def"), "different"],
    ["", chunks("a"), "different"],
    ["a", chunks(), "different"],
  ])("a file of %j", async (text, content, result) => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, text);
    expect(await compareFile(nodeFileSystem, path, content)).toBe(result);
  });

  it("no file is missing; a folder or a symlink holds nothing", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "abc");
    symlinkSync("file", join(folder, "link"));
    mkdirSync(join(folder, "folder"));
    const compare = (name: string) => compareFile(nodeFileSystem, join(folder, name), chunks("abc"));
    expect(await Promise.all(["nothing", "link", "folder"].map(compare))).toEqual([
      "missing",
      "different",
      "different",
    ]);
  });

  it("reads on after reads that bring less, and no further than to the first difference", async () => {
    const disk = new MemoryDisk();
    disk.put("file", "abcdefghi");
    let reads = 0;
    const inner = interceptFileSystem(disk, (operation) => {
      if (operation === "read") reads++;
      return undefined;
    });
    const bit = {
      ...inner,
      open: async (path: string, flags: number) => {
        const file = await inner.open(path, flags);
        return {
          ...file,
          read: (into: Uint8Array, position: number) => file.read(into.subarray(0, 1), position),
        };
      },
    };
    expect(await compareFile(bit, "/state/file", chunks("abc", "def", "ghi"))).toBe("same");
    reads = 0;
    expect(await compareFile(bit, "/state/file", chunks("abX", "def", "ghi"))).toBe("different");
    expect(reads).toBe(3);
  });
});
