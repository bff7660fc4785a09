import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StateError } from "../../src/errors.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { removeStaleTemporaries, writeAtomically } from "../../src/state/files.ts";
import { DiskModel, LOSSES } from "../simulate/disk-model.ts";
import {
  Died,
  dieAt,
  failAt,
  fullFrom,
  type Interceptor,
  interceptFileSystem,
} from "./intercepted-file-system.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const OLD = '{"old":true}\n';
const NEW = '{"new":"and longer"}\n';

function diskWithOld(): DiskModel {
  const disk = new DiskModel();
  disk.put("file.json", OLD);
  return disk;
}

async function write(disk: DiskModel, interceptor: Interceptor): Promise<unknown> {
  const fs = interceptFileSystem(disk, interceptor);
  return writeAtomically(fs, "/state/file.json", Buffer.from(NEW)).then(
    () => "written",
    (error: unknown) => error,
  );
}

async function operations(): Promise<string[]> {
  const names: string[] = [];
  await write(diskWithOld(), (operation) => {
    names.push(operation);
    return undefined;
  });
  return names;
}

describe("writeAtomically", () => {
  it("syncs the file before it renames, and the folder after", async () => {
    expect(await operations()).toEqual([
      "open",
      "fstat",
      "write",
      "fsync",
      "close",
      "rename",
      "open",
      "fsync",
      "close",
    ]);
  });

  it("leaves the old or the new content wherever it dies, whatever the disk then loses", async () => {
    const count = (await operations()).length;
    for (let n = 1; n <= count; n++) {
      const disk = diskWithOld();
      expect(await write(disk, dieAt(n))).toBeInstanceOf(Died);
      for (const loss of LOSSES) {
        expect([OLD, NEW], `died at ${n}, lost ${loss}`).toContain(disk.afterLoss(loss).text("file.json"));
      }
    }
  });

  it("has the new content on disk once it returns, whatever the disk then loses", async () => {
    const disk = diskWithOld();
    expect(await write(disk, () => undefined)).toBe("written");
    for (const loss of LOSSES) expect(disk.afterLoss(loss).text("file.json")).toBe(NEW);
  });

  it.each(["EIO", "ENOSPC", "EROFS", "EACCES"])(
    "keeps the old content when any step fails with %s",
    async (code) => {
      const names = await operations();
      for (const [index, operation] of names.entries()) {
        const disk = diskWithOld();
        const error = await write(disk, failAt(index + 1, code));
        expect(error, operation).toBeInstanceOf(StateError);
        expect(disk.text("file.json"), operation).toBe(index <= names.indexOf("rename") ? OLD : NEW);
        expect(disk.names(), operation).toEqual(["file.json"]);
      }
    },
  );

  it("says in plain words that the disk is full, after a write that was cut short", async () => {
    const disk = diskWithOld();
    const error = await write(disk, fullFrom(1));
    expect(error).toBeInstanceOf(StateError);
    expect(String(error)).toContain("can't write /state/file.json: no space left on the disk");
    expect(disk.text("file.json")).toBe(OLD);
    expect(disk.names()).toEqual(["file.json"]);
  });

  it("goes on after writes that were cut short", async () => {
    const disk = diskWithOld();
    expect(await write(disk, (operation) => (operation === "write" ? "short" : undefined))).toBe("written");
    expect(disk.text("file.json")).toBe(NEW);
  });

  it("takes a write of nothing for a full disk instead of trying for ever", async () => {
    const disk = diskWithOld();
    const fs = {
      ...interceptFileSystem(disk, () => undefined),
      open: async (path: string, flags: number) => ({
        ...(await disk.open(path, flags)),
        write: async () => 0,
      }),
    };
    await expect(writeAtomically(fs, "/state/file.json", Buffer.from(NEW))).rejects.toThrow("no space left");
  });

  it("does without the folder's sync where the file system has none", async () => {
    const disk = diskWithOld();
    expect(await write(disk, failAt(8, "EINVAL"))).toBe("written");
  });

  it("replaces a symlink instead of writing through it", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "victim"), "untouched");
    symlinkSync("victim", join(folder, "file.json"));
    await writeAtomically(nodeFileSystem, join(folder, "file.json"), Buffer.from(NEW));
    expect(readFileSync(join(folder, "victim"), "utf8")).toBe("untouched");
    expect(lstatSync(join(folder, "file.json")).isFile()).toBe(true);
  });
});

describe("removeStaleTemporaries", () => {
  it("removes what killed runs left and nothing else", async () => {
    const folder = temporaryFolder();
    const stale = ".magnets-0123456789abcdef.tmp";
    const others = [
      ".magnets-0123456789abcdef.tmp.txt",
      ".magnets-short.tmp",
      "notes.tmp",
      "retry_counts.json",
    ];
    for (const name of [stale, ...others]) writeFileSync(join(folder, name), "");
    const notOurs = [".magnets-aaaaaaaaaaaaaaaa.tmp", ".magnets-bbbbbbbbbbbbbbbb.tmp"] as const;
    mkdirSync(join(folder, notOurs[0]));
    symlinkSync("retry_counts.json", join(folder, notOurs[1]));
    await removeStaleTemporaries(nodeFileSystem, folder);
    expect(readdirSync(folder).sort()).toEqual([...others, ...notOurs].sort());
  });

  it("removes what writeAtomically leaves when it dies", async () => {
    const disk = diskWithOld();
    await write(disk, dieAt(4));
    expect(disk.names()).toHaveLength(2);
    await removeStaleTemporaries(disk, "/state");
    expect(disk.names()).toEqual(["file.json"]);
  });
});
