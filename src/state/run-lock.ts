import { spawnSync } from "node:child_process";
import { type BigIntStats, constants, fstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { LockedError, StateError } from "../errors.ts";
import { sudo } from "../permissions.ts";
import { isSystemError, nodeFileSystem, type OpenFile, openRegular, stateFailure } from "./file-system.ts";
import { closeToOthers, prepareStateFolder, writeWhole } from "./files.ts";

/**
 * Makes this the one run on the state folder, which is created when missing. The lock is flock(2)'s, on the file `lock`
 * there, which is never deleted. Throws a `LockedError` when another run has it, a `StateError` when it can't be taken.
 */
export async function takeLock(folder: string) {
  await prepareStateFolder(folder);
  const path = join(folder, "lock");
  let file: OpenFile | undefined;
  try {
    ({ file } = await openRegular(nodeFileSystem, path, constants.O_RDWR | constants.O_CREAT));
    if (!flock(file, path)) {
      const who = describeHolder(await readPid(file), path);
      throw new LockedError(`another run is at work (${who}); nothing was done, try again when it has ended`);
    }
    await leavePid(file, folder);
    return { release: file.close, [Symbol.asyncDispose]: file.close };
  } catch (error) {
    await file?.close();
    throw stateFailure("lock", path, error);
  }
}

/**
 * What is known of who holds the lock; `undefined` when nobody is found to. The lock is not taken for that, not even for
 * a moment: a run that starts just then must not fail. Throws a `StateError` when that can't be found out.
 */
export async function findLockHolder(folder: string): Promise<string | undefined> {
  const path = join(folder, "lock");
  try {
    const { file } = await openRegular(nodeFileSystem, path, constants.O_RDONLY);
    const stat = fstatSync(file.fd, { bigint: true });
    // Closed before anybody is looked for: this process must not find itself.
    const pid = await readPid(file).finally(file.close);
    // A number alone says nothing: it may be another process's by now.
    if (pid !== undefined && hasOpen(pid, stat)) return describeHolder(pid, path);
    // Another user's process hides its files. In a container the kernel lists no lock that a process of the past took.
    return isListed(stat) ? describeHolder(undefined, path) : undefined;
  } catch (error) {
    if (isSystemError(error, "ENOENT")) return undefined;
    throw stateFailure("open", path, error);
  }
}

function describeHolder(pid: string | undefined, path: string): string {
  return pid === undefined ? `see who: fuser -v ${path}` : `process ${pid}`;
}

function hasOpen(pid: string, { dev, ino }: BigIntStats): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => {
      const open = statSync(`/proc/${pid}/fd/${fd}`, { bigint: true, throwIfNoEntry: false });
      return open?.dev === dev && open.ino === ino;
    });
  } catch {
    return false;
  }
}

/** Whether /proc/locks (proc_locks(5)) lists a lock of flock(2) on the file. */
function isListed({ dev, ino }: BigIntStats): boolean {
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  const hex = (number: bigint) => number.toString(16).padStart(2, "0");
  const file = `${hex(major)}:${hex(minor)}:${ino}`;
  try {
    return readFileSync("/proc/locks", "utf8")
      .split("\n")
      .some((line) => /^\d+: FLOCK /.test(line) && line.split(/ +/).includes(file));
  } catch {
    return false;
  }
}

/**
 * Runs flock(1) on the file. The lock belongs to the open file, so it outlives flock. False: it is held. The options
 * are the short ones that BusyBox's and toybox's flock have, too; all of them end with 1 without a word where it is
 * held, and with a complaint where they fail.
 */
function flock({ fd }: OpenFile, path: string): boolean {
  const { error, status, signal, stderr } = spawnSync("flock", ["-x", "-n", "3"], {
    stdio: ["ignore", "ignore", "pipe", fd],
    encoding: "utf8",
  });
  if (error) {
    const message = isSystemError(error, "ENOENT")
      ? `the program \`flock\` is missing, without which two runs could collide; run ${sudo()}apt install util-linux`
      : `can't run the program \`flock\`: ${error.message}`;
    throw new StateError(message, { cause: error });
  }
  const why = stderr.trim().split("\n")[0];
  if (status === 0 || (status === 1 && !why)) return status === 0;
  throw new StateError(`can't lock ${path}: ${why || `flock ended with ${status ?? signal}`}`);
}

/**
 * So that whoever finds the lock held can name the process. Not worth failing for, nor for writing through to a file
 * that has other names: the lock itself can't be replaced by a copy. Throws a `StateError` where it shows that files here
 * can't be closed to others.
 */
async function leavePid(file: OpenFile, folder: string): Promise<void> {
  try {
    if ((await file.stat()).nlink > 1) return;
    await closeToOthers(nodeFileSystem, file, folder);
    await file.truncate(0);
    await writeWhole(file, Buffer.from(`${process.pid}\n`));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

/** The process that left its number in the lock. */
async function readPid(file: OpenFile): Promise<string | undefined> {
  const bytes = new Uint8Array(16);
  // With other names it was not written by the one who holds it.
  const isOurs = (await file.stat()).nlink <= 1;
  const count = isOurs ? await file.read(bytes, 0).catch(() => 0) : 0;
  return /^([1-9]\d{0,9})\n$/.exec(Buffer.from(bytes.subarray(0, count)).toString("latin1"))?.[1];
}
