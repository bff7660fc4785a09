import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NOBODY } from "../support/other-user.ts";
import { runScript } from "./run-script.ts";
import { temporaryFolder } from "./temporary-folder.ts";

describe("what belongs to root, used by somebody else", () => {
  it("a file: says whose it is", async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const file = join(folder, "file");
    writeFileSync(file, "", { mode: 0o600 });
    const { ended } = runScript(
      `
      import { StateError } from "../../src/errors.ts";
      import { nodeFileSystem } from "../../src/state/file-system.ts";
      import { readStateFile } from "../../src/state/files.ts";
      await readStateFile(nodeFileSystem, ${JSON.stringify(file)}).catch((error) => {
        console.log(error instanceof StateError, error.message);
      });
      `,
      { uid: 54321, gid: 54321 },
    );
    expect((await ended).stdout.trim()).toBe(
      `true can't read ${file}: permission denied (${file} belongs to root, this is uid 54321); run as root or with sudo`,
    );
  });

  it("a folder: says whose it is", async () => {
    const folder = temporaryFolder();
    const { ended } = runScript(
      `
      import { takeLock } from "../../src/state/run-lock.ts";
      for (const below of ["", "/new"]) {
        await takeLock(${JSON.stringify(folder)} + below).catch((error) => console.log(error.message));
      }
      `,
      { uid: NOBODY, gid: NOBODY },
    );
    const why = `permission denied (${folder} belongs to root, this is nobody); run as root or with sudo`;
    expect((await ended).stdout.trim().split("\n")).toEqual([
      `can't lock ${folder}/lock: ${why}`,
      `can't create the folder ${folder}/new: ${why}`,
    ]);
  });
});
