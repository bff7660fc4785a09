import { chmodSync, readdirSync, rmdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { StateError } from "../../src/errors.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { prepareStateFolder } from "../../src/state/folder.ts";
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

  it("leaves the mode of a folder that was there", async () => {
    const folder = openFolder();
    await prepareStateFolder(folder);
    expect(modeOf(folder)).toBe("777");
  });

  it.each(["0o777", "0o000", "0o277"])("makes all modes exact under umask %s", async (umask) => {
    const folder = join(openFolder(), "new", "state");
    const { ended } = runScript(
      `
      import { backUpCounters, openStore } from "../../src/state/store.ts";
      import { takeLock } from "../../src/state/run-lock.ts";
      import { deletion } from "./sample.ts";
      process.umask(${umask});
      const folder = ${JSON.stringify(folder)};
      await takeLock(folder);
      const store = await openStore({ folder, mode: "write", now: () => new Date() });
      await store.saveCounters();
      await backUpCounters(folder);
      await store.appendDeletion(deletion("1"));
      `,
      nobody,
    );
    expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
    expect([modeOf(folder), modeOf(dirname(folder))]).toEqual(["700", "700"]);
    const names = ["deletions.jsonl", "lock", "retry_counts.json", "retry_counts.json.bak"];
    expect(readdirSync(folder).sort()).toEqual(names);
    for (const name of names) expect(modeOf(join(folder, name)), name).toBe("600");
  });

  it("says when a file is in its place, or a symlink that leads nowhere", async () => {
    const base = temporaryFolder();
    writeFileSync(join(base, "file"), "");
    symlinkSync("nowhere", join(base, "link"));
    await expect(prepareStateFolder(join(base, "file"))).rejects.toThrow(
      "is not a folder; choose another with",
    );
    await expect(prepareStateFolder(join(base, "file", "below"))).rejects.toThrow(
      "a part of its path is not a folder",
    );
    await expect(prepareStateFolder(join(base, "link"))).rejects.toThrow("no such file or folder");
  });

  it("says when the file system is read-only", async () => {
    const folder = temporaryFolder();
    const fs = interceptFileSystem(nodeFileSystem, failAt(3, "EROFS"));
    await expect(prepareStateFolder(folder, fs)).rejects.toThrow(StateError);
    await expect(
      prepareStateFolder(folder, interceptFileSystem(nodeFileSystem, failAt(3, "EROFS"))),
    ).rejects.toThrow(`can't write to the folder ${folder}: the file system is read-only`);
  });

  it("says so when the folder is one's own but its mode forbids", async () => {
    const folder = join(openFolder(), "mine");
    const { ended } = runScript(
      `
      import { mkdirSync } from "node:fs";
      import { prepareStateFolder } from "../../src/state/folder.ts";
      mkdirSync(${JSON.stringify(folder)}, 0o500);
      await prepareStateFolder(${JSON.stringify(folder)}).catch((error) => console.log(error.message));
      `,
      nobody,
    );
    expect((await ended).stdout).toContain(
      `permission denied; look at the modes and attributes of ${folder}`,
    );
    rmdirSync(folder);
  });
});
