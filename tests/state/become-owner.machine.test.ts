import { chmodSync, chownSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { nodeRefusesSetuid } from "../support/other-user.ts";
import { runScript } from "./run-script.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** Debian's `games`, whose own group is 60, and a user whom no list knows. */
const GAMES = { uid: 5, gid: 60 };
const STRANGER = { uid: 54321, gid: 54321 };

/** Becomes the folder's owner, saves there, and tells who it is. */
async function becomeIn(folder: string, options: { uid?: number; gid?: number } = {}): Promise<unknown> {
  const { ended } = runScript(
    `
    import { becomeOwner } from "../../src/state/become-owner.ts";
    import { openStore } from "../../src/state/store.ts";
    const folder = ${JSON.stringify(folder)};
    await becomeOwner(folder);
    const store = await openStore({ folder, mode: "write", now: () => new Date() });
    await store.saveCounters();
    let back = true;
    try { process.setuid(0); } catch { back = false; }
    const { getuid, geteuid, getgid, getegid, getgroups } = process;
    console.log(JSON.stringify([[getuid(), geteuid()], [getgid(), getegid()], getgroups(), back]));
    `,
    options,
  );
  const { stdout, stderr } = await ended;
  return stdout === "" ? stderr : JSON.parse(stdout);
}

function ownedBy({ uid, gid }: { uid: number; gid: number }): string {
  const folder = temporaryFolder();
  chownSync(folder, uid, gid);
  return folder;
}

describe("becomeOwner", () => {
  it("makes root the folder's owner for good, groups included", async () => {
    const folder = ownedBy(STRANGER);
    expect(await becomeIn(folder)).toEqual([[54321, 54321], [54321, 54321], [54321], false]);
    expect(statSync(join(folder, "retry_counts.json"))).toMatchObject(STRANGER);
  });

  it("takes the owner's own group, where the folder's is root's", async () => {
    expect(await becomeIn(ownedBy({ uid: GAMES.uid, gid: 0 }))).toEqual([[5, 5], [60, 60], [60], false]);
  });

  it("goes by the nearest folder that is there", async () => {
    const folder = join(ownedBy(STRANGER), "not", "yet");
    expect(await becomeIn(folder)).toEqual([[54321, 54321], [54321, 54321], [54321], false]);
    expect(statSync(folder)).toMatchObject(STRANGER);
  });

  it("leaves root what is root's", async () => {
    expect(await becomeIn(temporaryFolder())).toEqual([
      [0, 0],
      [0, 0],
      expect.anything(),
      !nodeRefusesSetuid(),
    ]);
  });

  it("leaves anybody else who they are", async () => {
    const folder = ownedBy(GAMES);
    chmodSync(folder, 0o777);
    expect(await becomeIn(folder, STRANGER)).toEqual([[54321, 54321], [54321, 54321], [54321], false]);
  });
});
