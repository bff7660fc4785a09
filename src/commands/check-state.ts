import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { countOf } from "../core/text.ts";
import { StateError } from "../errors.ts";
import { lockIsFree } from "../state/run-lock.ts";
import { userName } from "../state/state-failure.ts";
import { openStore } from "../state/store.ts";
import { runProgram } from "../system/systemd.ts";

/** Whether state can be kept and read, and whether a sweep could start now. Changes nothing. */
export async function checkState(config: Config, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const folder = await checkFolder(config.stateDir);
  const files = folder.result === "failed" ? [] : await checkFiles(config);
  return [folder, ...files, await checkLock(config.stateDir, env)];
}

async function checkFolder(folder: string): Promise<Finding> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => error.code);
  const remedy = "run as its owner or with sudo, or choose another with state_dir";
  if (found === "ENOENT") {
    const parent = await nearestFolder(dirname(folder));
    return (await isWritable(parent))
      ? ok("state", `${folder} is not there yet: the first sweep creates it`)
      : failed("state", `${folder} is not there, and can't be created in ${parent}`, remedy);
  }
  if (found === undefined || typeof found === "string") {
    return failed("state", `${folder} can't be looked at (${found})`, remedy);
  }
  if (!found.isDirectory()) return failed("state", `${folder} is no folder`, "choose another with state_dir");
  const owner = userName(found.uid);
  if (!(await isWritable(folder))) {
    const me = userName(process.geteuid?.() ?? -1);
    return failed("state", `${folder} belongs to ${owner} and can't be written to by ${me}`, remedy);
  }
  if ((found.mode & 0o077) !== 0) {
    return warning("state", `${folder} is open to other users`, `chmod 700 ${folder}`);
  }
  return ok("state", `${folder} is writable and belongs to ${owner}`);
}

async function nearestFolder(path: string): Promise<string> {
  const there = await stat(path).then(
    () => true,
    () => false,
  );
  return there || path === dirname(path) ? path : nearestFolder(dirname(path));
}

function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function checkFiles({ stateDir, legacyCounters }: Config): Promise<Finding[]> {
  try {
    const store = await openStore({
      folder: stateDir,
      mode: "read",
      now: () => new Date(),
      legacyCounters,
    });
    const deletions = await store.readDeletions();
    const counts = `${countOf(store.counters.size, "counter")}, ${countOf(deletions.length, "recorded deletion")}`;
    const remedy = "the next sweep keeps a copy of the file and goes on with what can be read";
    const problems = store.problems.map(({ message, severity }) =>
      severity === "error" ? failed("files", message, remedy) : warning("files", message),
    );
    return problems.length > 0 ? problems : [ok("files", `all can be read: ${counts}`)];
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return [failed("files", error.message)];
  }
}

async function checkLock(folder: string, env: NodeJS.ProcessEnv): Promise<Finding> {
  if ((await runProgram("flock", ["--version"], env)).code !== 0) {
    const message = "the program flock is missing, without which two runs could collide";
    return failed("lock", message, "sudo apt install util-linux");
  }
  try {
    if (await lockIsFree(folder)) return ok("lock", "free: a sweep could start now");
    const remedy = `if that lasts for more than 25 minutes: fuser -v ${folder}/lock`;
    return warning("lock", "a sweep is under way", remedy);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return failed("lock", error.message);
  }
}
