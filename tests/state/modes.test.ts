import { chmodSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StateError } from "../../src/errors.ts";
import { type FileSystem, nodeFileSystem } from "../../src/state/file-system.ts";
import { previewNoModes, writeAtomically } from "../../src/state/files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A file system that refuses each chmod, and gives files the mode of its mount. */
function withoutModes(fileMode: number, code = "EPERM"): FileSystem {
  const refuse = async () => {
    throw Object.assign(new Error("refused"), { code, syscall: "fchmod" });
  };
  return {
    ...nodeFileSystem,
    open: async (path, flags, mode) => {
      const file = await nodeFileSystem.open(path, flags, mode);
      const stat = async () => Object.assign(await file.stat(), { mode: 0o100000 | fileMode });
      return { ...file, chmod: refuse, stat };
    },
  };
}

function folderOf(mode: number): string {
  const folder = temporaryFolder();
  chmodSync(folder, mode);
  return folder;
}

const save = (fs: FileSystem, folder: string) =>
  writeAtomically(fs, join(folder, "file"), Buffer.from("new"));

describe("a file system that refuses chmod", () => {
  it.each([
    ["the folder's mode", 0o700, 0o755],
    ["the file's mode", 0o755, 0o700],
  ])("is written to where %s keeps others out", async (_, folderMode, fileMode) => {
    for (const code of ["EPERM", "ENOTSUP", "ENOSYS"]) {
      const folder = folderOf(folderMode);
      await save(withoutModes(fileMode, code), folder);
      expect(readFileSync(join(folder, "file"), "utf8")).toBe("new");
    }
  });

  it("is an error that says what to do where nothing keeps them out, and nothing is left behind", async () => {
    const folder = folderOf(0o755);
    const error = await save(withoutModes(0o755), folder).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StateError);
    expect((error as Error).message).toMatch(/is open to other users \(mode 755\).*umask=077.*state_dir/);
    expect(readdirSync(folder)).toEqual([]);
  });

  it("is not suspected where there are modes", () => {
    const path = folderOf(0o755);
    expect(previewNoModes(path, { path, stat: statSync(path) })).toBeUndefined();
  });
});
