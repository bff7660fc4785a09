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
    if ((await becomeOwner(folder)) !== undefined) process.exit();
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

/** A script that does `work` as the owner of a folder of `games`, by a Node that refuses `setuid` and the like. */
function runRefused(work: string) {
  const folder = ownedBy({ uid: GAMES.uid, gid: GAMES.uid });
  const running = runScript(`
    import { becomeOwner } from "../../src/state/become-owner.ts";
    process.setgroups = () => { throw Object.assign(new Error("refused"), { code: "ERR_INVALID_STATE" }) };
    const code = await becomeOwner(${JSON.stringify(folder)});
    if (code !== undefined) process.exitCode = code;
    else {
      ${work}
    }
  `);
  return { folder, ...running };
}

describe("becomeOwner, where Node refuses setuid: runs the command again", () => {
  it("as the other user, in its own group and no other, and returns that process's exit code", async () => {
    const { folder, ended } = runRefused(`
      const { getuid, getgid, getgroups, env } = process;
      console.log(JSON.stringify([getuid(), getgid(), getgroups(), env.MAGNETS_STATE_DIR]));
      process.exitCode = 3;
    `);
    const { code, stdout } = await ended;
    expect(JSON.parse(stdout)).toEqual([5, 60, [60], folder]);
    expect(code).toBe(3);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("forwards %s, once, and waits for the end", async (signal) => {
    const running = runRefused(`
      let seen = 0;
      process.on("${signal}", () => {
        seen += 1;
        setImmediate(() => { console.log("seen " + seen); process.exit(143); });
      });
      setTimeout(() => {}, 60_000);
      console.log("ready");
    `);
    await running.printed("ready");
    running.child.kill(signal);
    const { code, stdout } = await running.ended;
    expect(stdout).toContain("seen 1");
    expect(code).toBe(143);
  });

  it("reports a death by signal as shells do", async () => {
    const { code } = await runRefused(`process.kill(process.pid, "SIGKILL");`).ended;
    expect(code).toBe(137);
  });
});
