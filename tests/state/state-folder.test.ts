import { chmodSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { StateError } from "../../src/errors.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { prepareStateFolder } from "../../src/state/files.ts";
import { takeLock } from "../../src/state/run-lock.ts";
import { failAt, interceptFileSystem } from "./intercepted-file-system.ts";
import { runScript } from "./run-script.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Root may do anything, so what permissions forbid is tried as somebody else. */
const nobody = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

/** A folder that anybody may write to. */
function openFolder(): string {
  const folder = temporaryFolder();
  chmodSync(folder, 0o777);
  return folder;
}

describe("prepareStateFolder", () => {
  it("creates it and what is missing above it with mode 0700", async () => {
    const base = temporaryFolder();
    const folder = join(base, "a", "b", "c");
    await prepareStateFolder(folder);
    await prepareStateFolder(folder);
    for (const path of [folder, join(base, "a", "b"), join(base, "a")]) expect(modeOf(path)).toBe("700");
  });

  it("is created by one of several runs that begin at once", async () => {
    const folder = join(temporaryFolder(), "a", "b");
    await Promise.all([1, 2, 3].map(() => prepareStateFolder(folder)));
    expect(modeOf(folder)).toBe("700");
  });

  it.each(["EACCES", "EROFS"])("takes one that is there, though making it fails with %s", async (code) => {
    const fs = interceptFileSystem(nodeFileSystem, failAt(1, code));
    await expect(prepareStateFolder(temporaryFolder(), fs)).resolves.toBeUndefined();
  });

  it("leaves the mode of a folder that was there", async () => {
    const folder = openFolder();
    await prepareStateFolder(folder);
    expect(modeOf(folder)).toBe("777");
  });

  it("says when a file is in its place, or a symlink that leads nowhere", async () => {
    const base = temporaryFolder();
    writeFileSync(join(base, "file"), "");
    symlinkSync("nowhere", join(base, "link"));
    const notFolder = "a part of its path is not a folder; choose another folder with --state-dir";
    await expect(takeLock(join(base, "file"))).rejects.toThrow(notFolder);
    await expect(takeLock(join(base, "file", "below"))).rejects.toThrow(notFolder);
    await expect(takeLock(join(base, "link"))).rejects.toThrow("no such file or folder");
  });

  it("says when the file system is read-only", async () => {
    const folder = join(temporaryFolder(), "new");
    const fs = interceptFileSystem(nodeFileSystem, failAt(1, "EROFS"));
    const preparing = prepareStateFolder(folder, fs);
    await expect(preparing).rejects.toThrow(StateError);
    await expect(preparing).rejects.toThrow(
      `can't create the folder ${folder}: the file system is read-only`,
    );
  });

  it("is on disk once it returns", async () => {
    const operations: string[] = [];
    const fs = interceptFileSystem(nodeFileSystem, (operation) => {
      operations.push(operation);
      return undefined;
    });
    await prepareStateFolder(join(temporaryFolder(), "a", "b"), fs);
    const sync = ["open", "fsync", "close"];
    expect(operations).toEqual(["mkdir", "mkdir", ...sync, "mkdir", ...sync]);
  });

  it("says so when the folder is one's own but its mode forbids, also where its files may be written", async () => {
    const folder = join(openFolder(), "mine");
    const { ended } = runScript(
      `
      import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
      import { nodeFileSystem } from "../../src/state/file-system.ts";
      import { writeAtomically } from "../../src/state/files.ts";
      import { takeLock } from "../../src/state/run-lock.ts";
      const folder = ${JSON.stringify(folder)};
      const tell = (error) => console.log(error.message);
      mkdirSync(folder);
      writeFileSync(folder + "/file", "");
      chmodSync(folder, 0o500);
      await takeLock(folder).catch(tell);
      await writeAtomically(nodeFileSystem, folder + "/file", Buffer.from("new")).catch(tell);
      `,
      nobody,
    );
    const why = `permission denied; look at the modes and attributes of ${folder}\n`;
    expect((await ended).stdout).toBe(`can't lock ${folder}/lock: ${why}can't write ${folder}/file: ${why}`);
    rmSync(folder, { recursive: true });
  });

  it("is made in a folder that may be written but not read", async () => {
    const folder = join(openFolder(), "closed");
    const { ended } = runScript(
      `
      import { mkdirSync } from "node:fs";
      import { takeLock } from "../../src/state/run-lock.ts";
      mkdirSync(${JSON.stringify(folder)}, 0o300);
      await takeLock(${JSON.stringify(folder)} + "/new").catch((error) => console.log(error.message));
      `,
      nobody,
    );
    expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(modeOf(join(folder, "new"))).toBe("700");
  });
});
