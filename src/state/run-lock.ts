import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:fs";
import { join } from "node:path";
import { LockedError, StateError } from "../errors.ts";
import { type FileSystem, nodeFileSystem, type OpenFile } from "./file-system.ts";
import { FILE_MODE, prepareStateFolder, writeWhole } from "./files.ts";
import { isSystemError, stateFailure } from "./state-failure.ts";

/** What flock(1) exits with when somebody else holds the lock. */
const HELD = 75;
const SAFELY = constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The right to be the one run; the kernel takes it back when the process ends, however it ends. */
export interface RunLock {
  /** Lets another run start; may be called twice. */
  release(): Promise<void>;
}

/**
 * Makes this the one run on the state folder, which is created when missing. The lock is flock(2)'s, on the
 * file `lock` there, which is never deleted.
 *
 * @param meanwhile is called once, while another process does the locking.
 * @throws LockedError when another run has it.
 * @throws StateError when it can't be taken at all.
 */
export async function takeLock(
  folder: string,
  fs: FileSystem = nodeFileSystem,
  meanwhile: () => void = () => {},
): Promise<RunLock> {
  await prepareStateFolder(folder, fs);
  const path = join(folder, "lock");
  const file = await openLock(fs, path, constants.O_RDWR | constants.O_CREAT | SAFELY);
  try {
    const locking = flock(file, path, "--exclusive");
    meanwhile();
    if (!(await locking)) throw new LockedError(await whoHolds(file, path));
    await leavePid(file);
  } catch (error) {
    await file.close();
    throw await stateFailure(fs, "lock", path, error);
  }
  let closed: Promise<void> | undefined;
  return {
    release: () => {
      closed ??= file.close();
      return closed;
    },
  };
}

/**
 * Whether a run could start now. Changes nothing; for a moment it holds a shared lock.
 *
 * @throws StateError when that can't be found out.
 */
export async function lockIsFree(folder: string, fs: FileSystem = nodeFileSystem): Promise<boolean> {
  const path = join(folder, "lock");
  let file: OpenFile;
  try {
    file = await openLock(fs, path, constants.O_RDONLY | SAFELY);
  } catch (error) {
    if (error instanceof StateError && isSystemError(error.cause, "ENOENT")) return true;
    throw error;
  }
  return flock(file, path, "--shared").finally(() => file.close());
}

async function openLock(fs: FileSystem, path: string, flags: number): Promise<OpenFile> {
  let file: OpenFile | undefined;
  try {
    file = await fs.open(path, flags, FILE_MODE);
    if ((await file.stat()).isFile()) return file;
  } catch (error) {
    await file?.close();
    throw await stateFailure(fs, "open", path, error);
  }
  await file.close();
  throw new StateError(`can't open ${path}: it is no regular file; move it away`);
}

/** Runs flock(1) on the file. The lock belongs to the open file, so it outlives flock. False: it is held. */
function flock(file: OpenFile, path: string, kind: "--exclusive" | "--shared"): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const args = [kind, "--nonblock", "--conflict-exit-code", String(HELD), "3"];
    // No pipe for what it may say: that takes half as long again as all the rest.
    const child = spawn("flock", args, { stdio: ["ignore", "ignore", "ignore", file.fd] });
    child.on("error", (cause) => {
      const message = isSystemError(cause, "ENOENT")
        ? "the program `flock` is missing, without which two runs could collide; apt install util-linux"
        : `can't run the program \`flock\`: ${cause.message}`;
      reject(new StateError(message, { cause }));
    });
    child.on("exit", (code, signal) => {
      if (code === 0 || code === HELD) return resolve(code === 0);
      const why = complaint(args, file) ?? `flock ended with ${code ?? signal}`;
      reject(new StateError(`can't lock ${path}: ${why}`));
    });
  });
}

/** What flock says when it fails: asked for once more, since that hardly ever happens. */
function complaint(args: readonly string[], { fd }: OpenFile): string | undefined {
  const { stderr } = spawnSync("flock", args, { stdio: ["ignore", "ignore", "pipe", fd], encoding: "utf8" });
  return stderr?.trim().split("\n")[0] || undefined;
}

/** So that whoever finds the lock held can name the process. Not worth failing for. */
async function leavePid(file: OpenFile): Promise<void> {
  try {
    await file.chmod(FILE_MODE);
    await file.truncate(0);
    await writeWhole(file, Buffer.from(`${process.pid}\n`));
  } catch (error) {
    if (!isSystemError(error)) throw error;
  }
}

async function whoHolds(file: OpenFile, path: string): Promise<string> {
  const bytes = new Uint8Array(16);
  const count = await file.read(bytes, 0).catch(() => 0);
  const pid = /^([1-9]\d{0,9})\n$/.exec(Buffer.from(bytes.subarray(0, count)).toString("latin1"))?.[1];
  const who = pid === undefined ? `see who: fuser -v ${path}` : `process ${pid}`;
  return `another run is at work (${who}); nothing was done, try again when it has ended`;
}
