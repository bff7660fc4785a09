import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LockedError, StateError } from "../../src/errors.ts";
import { findLockHolder, takeLock } from "../../src/state/run-lock.ts";
import { runScript } from "./run-script.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A process that takes the lock, says how that went, and stays. */
function takerScript(folder: string): string {
  return `
    import { takeLock } from "../../src/state/run-lock.ts";
    await takeLock(${JSON.stringify(folder)}).then(() => console.log("taken"), (error) => console.log(error.message));
    console.log("tried");
    globalThis.gc?.();
    setInterval(() => {}, 1000);
  `;
}

describe("takeLock", () => {
  it("lets one run at a time in, and names its process to the others", async () => {
    const folder = join(temporaryFolder(), "state");
    const lock = await takeLock(folder);
    const second = takeLock(folder);
    await expect(second).rejects.toThrow(LockedError);
    await expect(second).rejects.toThrow(`another run is at work (process ${process.pid})`);
    await lock.release();
    await (await takeLock(folder)).release();
    expect(existsSync(join(folder, "lock"))).toBe(true);
  });

  it("lets exactly one of many at once in", async () => {
    const folder = temporaryFolder();
    const tries = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(folder)));
    const refused = tries.flatMap((result) => (result.status === "rejected" ? [result.reason] : []));
    expect(refused).toHaveLength(19);
    for (const reason of refused) expect(reason).toBeInstanceOf(LockedError);
    for (const result of tries) if (result.status === "fulfilled") await result.value.release();
  });

  it("holds it against another process until killed with SIGKILL, and not a moment longer", async () => {
    const folder = temporaryFolder();
    const { child, printed, ended } = runScript(takerScript(folder));
    await printed("taken");
    await expect(takeLock(folder)).rejects.toThrow(`process ${child.pid}`);
    expect(await findLockHolder(folder)).toBe(`process ${child.pid}`);
    child.kill("SIGKILL");
    await ended;
    await (await takeLock(folder)).release();
  });

  it("says how to see who holds it when the file tells nothing", async () => {
    const folder = temporaryFolder();
    const lock = await takeLock(folder);
    for (const text of ["", "garbage\n", "12", "-1\n", "\u001b[2J"]) {
      writeFileSync(join(folder, "lock"), text);
      await expect(takeLock(folder), text).rejects.toThrow(`(see who: fuser -v ${join(folder, "lock")})`);
    }
    await lock.release();
  });

  it("is a file of mode 0600", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lock"), "4000000000\nleft by an older run", { mode: 0o644 });
    const lock = await takeLock(folder);
    expect(statSync(join(folder, "lock")).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
    await lock.release();
  });

  it("doesn't follow a symlink, nor take a folder for a lock", async () => {
    const folder = temporaryFolder();
    symlinkSync("victim", join(folder, "lock"));
    await expect(takeLock(folder)).rejects.toThrow("it is a symlink, which is not followed");
    expect(existsSync(join(folder, "victim"))).toBe(false);
    const other = temporaryFolder();
    mkdirSync(join(other, "lock"));
    await expect(takeLock(other)).rejects.toThrow(StateError);
  });

  it("says which package is missing when there is no flock", async () => {
    const folder = temporaryFolder();
    const { printed } = runScript(takerScript(folder), { env: { PATH: temporaryFolder() } });
    await printed("apt install util-linux");
  });

  it("tells what flock said when it failed", async () => {
    const [folder, bin] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(join(bin, "flock"), "#!/bin/sh\necho 'flock: no locks here' >&2\nexit 66\n");
    chmodSync(join(bin, "flock"), 0o755);
    const { printed } = runScript(takerScript(folder), { env: { PATH: bin } });
    await printed(`can't lock ${join(folder, "lock")}: flock: no locks here`);
  });
});

describe("findLockHolder", () => {
  it("names who is at work, and changes nothing", async () => {
    const folder = temporaryFolder();
    expect(await findLockHolder(join(folder, "missing"))).toBeUndefined();
    expect(await findLockHolder(folder)).toBeUndefined();
    expect(existsSync(join(folder, "lock"))).toBe(false);
    const lock = await takeLock(folder);
    expect(await findLockHolder(folder)).toBe(`process ${process.pid}`);
    await lock.release();
    expect(await findLockHolder(folder)).toBeUndefined();
    expect(readFileSync(join(folder, "lock"), "utf8")).toBe(`${process.pid}\n`);
  });

  it("goes not by a number that is another process's by now", async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "lock"), `${process.ppid}\n`);
    expect(await findLockHolder(folder)).toBeUndefined();
  });

  it("finds a lock whose holder left no number in the kernel's list", async ({ skip }) => {
    const folder = temporaryFolder();
    const lock = await takeLock(folder);
    const { ino } = statSync(join(folder, "lock"));
    // A container, whose kernel hides the locks of processes that have ended: nothing else could know of it.
    if (!readFileSync("/proc/locks", "utf8").includes(`:${ino} `)) skip();
    writeFileSync(join(folder, "lock"), "");
    expect(await findLockHolder(folder)).toBe(`see who: fuser -v ${join(folder, "lock")}`);
    await lock.release();
    expect(await findLockHolder(folder)).toBeUndefined();
  });
});
