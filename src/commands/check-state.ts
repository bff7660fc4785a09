import { existsSync } from "node:fs";
import { access, constants, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { Config } from "../config/config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { describeStatus } from "../core/status.ts";
import { explainStillThere, explainWaitingInVain } from "../core/stuck-magnets.ts";
import { countOf } from "../core/text.ts";
import { StateError } from "../errors.ts";
import { findLockHolder } from "../state/run-lock.ts";
import { userName } from "../state/state-failure.ts";
import type { OpenedStore } from "../state/store.ts";
import { runProgram } from "../system/systemd.ts";
import { openState } from "./setup.ts";

/** Whether state can be read and saved, and whether a sweep could start now. Changes nothing. */
export async function checkState(config: Config, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const folder = await checkFolder(config.stateDir);
  const files = folder.result === "failed" ? [] : await checkFiles(config);
  return [folder, ...files, await checkLock(config.stateDir, env)];
}

async function checkFolder(folder: string): Promise<Finding> {
  const remedy = "run as its owner or with sudo, or choose another folder with state_dir";
  try {
    const entry = await stat(folder);
    if (!entry.isDirectory()) {
      return failed("state", `${folder} is not a folder`, "choose another with state_dir");
    }
    const owner = userName(entry.uid);
    if (!(await isWritable(folder))) {
      const me = userName(process.geteuid?.() ?? -1);
      return failed("state", `${folder} belongs to ${owner}; ${me} can't write to it`, remedy);
    }
    return (entry.mode & 0o077) === 0
      ? ok("state", `${folder} is writable and belongs to ${owner}`)
      : warning("state", `${folder} is open to other users`, `chmod 700 ${folder}`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT") return failed("state", `can't read ${folder} (${code})`, remedy);
  }
  let parent = dirname(folder);
  while (!existsSync(parent)) parent = dirname(parent);
  return (await isWritable(parent))
    ? ok("state", `${folder} does not exist yet: the first sweep will create it`)
    : failed("state", `${folder} does not exist and can't be created in ${parent}`, remedy);
}

function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false,
  );
}

async function checkFiles(config: Config): Promise<Finding[]> {
  try {
    const store = await openState(config, "read");
    const deletions = await store.readDeletions();
    const remedy = "the next sweep will keep a copy of the file and continue with what can be read";
    const problems = store.problems.map(({ message, severity }) =>
      severity === "error" ? failed("files", message, remedy) : warning("files", message),
    );
    const counts = `${countOf(store.counters.size, "counter")}, ${countOf(deletions.length, "recorded deletion")}`;
    return [
      ...(problems.length > 0 ? problems : [ok("files", `all can be read: ${counts}`)]),
      ...checkMagnets(config, store),
    ];
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return [failed("files", error.message)];
  }
}

/** What `status` warns of as well, and whose counters wait for an account that is no longer configured. */
function checkMagnets(config: Config, store: OpenedStore): Finding[] {
  const view = describeStatus({
    store,
    sweeps: store.sweeps,
    lastDeletions: [],
    accounts: config.accounts,
    allKeysRead: config.allKeysRead,
    arrs: config.arrs,
    allArrsRead: config.allArrsRead,
    policy: { ...config, maxDeletes: config.maxDeletesPerRun },
    cycleSeconds: config.cycleSeconds,
    now: new Date(),
  });
  const former = view.accounts.filter((account) => account.former && account.failing > 0);
  return [
    ...former.map(({ name, failing }) => {
      const remedy = "put a key of it into api_keys, or leave it: they are forgotten after 90 days";
      return warning("accounts", `${name}: ${countOf(failing, "counter is", "counters are")} kept`, remedy);
    }),
    ...[...explainStillThere(view.still_there), ...explainWaitingInVain(view.waiting_in_vain)].map(
      ({ message, remedy }) => warning("magnets", message, remedy),
    ),
  ];
}

async function checkLock(folder: string, env: NodeJS.ProcessEnv): Promise<Finding> {
  if ((await runProgram("flock", ["--version"], env)).code !== 0) {
    const message = "the program flock is missing; without it two sweeps could run at once";
    return failed("lock", message, "sudo apt install util-linux");
  }
  try {
    const holder = await findLockHolder(folder);
    if (holder === undefined) return ok("lock", "free: a sweep could start now");
    const remedy = `if it still is after 25 minutes, find its process: fuser -v ${folder}/lock`;
    return warning("lock", `a sweep is running (${holder})`, remedy);
  } catch (error) {
    if (!(error instanceof StateError)) throw error;
    return failed("lock", error.message);
  }
}
