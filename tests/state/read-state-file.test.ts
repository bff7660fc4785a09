import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StateError } from "../../src/errors.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { readStateFile } from "../../src/state/files.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("readStateFile", () => {
  it("reads a file with its mode, and none where there is none", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "text", { mode: 0o640 });
    const content = await readStateFile(nodeFileSystem, join(folder, "file"));
    expect(content?.bytes).toEqual(new Uint8Array(Buffer.from("text")));
    expect((content?.stat.mode ?? 0) & 0o777).toBe(0o640);
    expect(await readStateFile(nodeFileSystem, join(folder, "none"))).toBeUndefined();
    expect(await readStateFile(nodeFileSystem, join(folder, "no", "folder"))).toBeUndefined();
  });

  it("puts together what comes in pieces", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "file"), "some text");
    const byteByByte = {
      ...nodeFileSystem,
      open: async (path: string, flags: number) => {
        const file = await nodeFileSystem.open(path, flags);
        const read = (into: Uint8Array, position: number) => file.read(into.subarray(0, 1), position);
        return { ...file, read };
      },
    };
    const content = await readStateFile(byteByByte, join(folder, "file"));
    expect(Buffer.from(content?.bytes ?? []).toString()).toBe("some text");
  });

  it("refuses what is larger than any file of state", async () => {
    const path = join(temporaryFolder(), "file");
    writeFileSync(path, "");
    truncateSync(path, 3 * 1024 ** 3);
    await expect(readStateFile(nodeFileSystem, path)).rejects.toThrow("is larger than 256 MiB; move it away");
  });

  it("passes bugs on as they are", async () => {
    const broken = { ...nodeFileSystem, open: () => Promise.reject(new TypeError("a bug")) };
    const reading = readStateFile(broken, "/nowhere");
    await expect(reading).rejects.toThrow(TypeError);
    await expect(reading).rejects.not.toThrow(StateError);
  });
});
