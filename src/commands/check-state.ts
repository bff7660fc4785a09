import { constants, existsSync, lstatSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { SYSTEM_CONFIG } from "../config/config-file.ts";
import type { Config } from "../config/load-config.ts";
import { type Finding, failed, ok, warning } from "../core/report.ts";
import { describeStatus } from "../core/status.ts";
import { countOf } from "../core/text.ts";
import { explainStillThere, explainWaitingInVain } from "../core/tracked-magnets.ts";
import { StateError } from "../errors.ts";
import { howToLetRead, isHome, may, shellQuoted, sudo, userName } from "../permissions.ts";
import { nearestExisting } from "../state/file-system.ts";
import { isOpen, previewNoModes } from "../state/files.ts";
import { findLockHolder } from "../state/run-lock.ts";
import type { OpenedStore } from "../state/store.ts";
import { runProgram, showUnit } from "../system/systemd.ts";

/** Whether state can be read and saved, and whether a sweep could start now. Changes nothing. */
export async function checkState(config: Config, state: OpenedStore | StateError, env: NodeJS.ProcessEnv) {
  const folder = checkFolder(config.stateDir);
  const failedFor = (name: string) => (error: unknown) => {
    if (error instanceof StateError) return failed(name, error.message);
    throw error;
  };
  const files = folder.result === "failed" ? [] : checkFiles(config, state).catch(failedFor("files"));
  const lock = checkLock(config.stateDir, env).catch(failedFor("lock"));
  return [folder, await files, await lock].flat();
}

function checkFolder(folder: string): Finding {
  const existing = nearestExisting(folder);
  if (existing === undefined) return failed("state", `can't look for ${folder}`);
  const { path, stat } = existing;
  const modeless = previewNoModes(folder, existing);
  if (modeless !== undefined) return failed("state", modeless);
  const isWritable = may(path, constants.W_OK | constants.X_OK);
  const close = `${sudo(stat.uid)}chmod 700 ${shellQuoted(path)}`;
  if (isWritable && path !== folder) {
    return ok("state", `${folder} does not exist yet: the first sweep will create it`);
  }
  if (isWritable && stat.isDirectory()) {
    return isOpen(stat)
      ? warning("state", `${folder} is open to other users`, close)
      : ok("state", `${folder} is writable and belongs to ${userName(stat.uid)}`);
  }
  const elsewhere = "choose another folder with state_dir";
  if (!stat.isDirectory()) return failed("state", `${path} is not a folder`, elsewhere);
  const me = process.geteuid?.() ?? 0;
  const what = path === folder ? folder : `${folder} does not exist and can't be created: ${path}`;
  const message = `${what} belongs to ${userName(stat.uid)}; ${userName(me)} can't write to it`;
  if (stat.uid === me) return failed("state", message, close);
  return failed("state", message, `${sudo(stat.uid) && "run sudo magnets check, or "}${elsewhere}`);
}

/** Whether whoever sweeps, who this process is by now, can read what the configuration is made of. */
export async function checkConfigFiles(config: Config, env: NodeJS.ProcessEnv): Promise<Finding[]> {
  const { file: configFile, files, legacyCounters, stateDir } = config;
  const user = userName(process.geteuid?.() ?? 0);
  const unit = configFile === SYSTEM_CONFIG ? await showUnit("magnets.service", ["ProtectHome"], env) : {};
  return files.flatMap((file) => {
    // Counters are taken over once.
    const isLegacy = file === legacyCounters?.path;
    if (isLegacy && existsSync(join(stateDir, "retry_counts.json"))) return [];
    const name = isLegacy ? "files" : "config";
    if (!may(file, constants.R_OK)) {
      const remedy = howToLetRead(file)?.replace(/^run /, "") ?? null;
      return failed(name, `${file} can't be read by ${user}, who sweeps`, remedy);
    }
    if (unit?.ProtectHome !== "yes" || !isHome(file)) return [];
    const remedy = `${sudo()}install -o root -g ${user} -m 0640 ${shellQuoted(file)} /etc/magnets/; then name it by its new path`;
    return failed(name, `${file} is hidden from the service, which sees no home folders`, remedy);
  });
}

async function checkFiles(config: Config, store: OpenedStore | StateError): Promise<Finding[]> {
  const closed = closedFiles(config.stateDir);
  if (closed.length > 0) return closed;
  if (store instanceof StateError) throw store;
  const deletions = await store.readDeletions();
  const remedy = "the next sweep will keep a copy of the file and continue with what can be read";
  const problems = store.problems.map(({ message, severity }) =>
    severity === "error" ? failed("files", message, remedy) : warning("files", message),
  );
  const counts = `${countOf(store.counters.size, "counter")}, ${countOf(deletions.length, "recorded deletion")}`;
  const readable = [ok("files", `all can be read: ${counts}`)];
  return [...(problems.length > 0 ? problems : readable), ...checkMagnets(config, store)];
}

/** Not the copies that are kept of them, and nothing that somebody else has put there. */
const STATE_FILE = /^(lock|[a-z_]+\.jsonl?)$/;

/** The files of state that whoever sweeps may not read and write: root has put them there. */
function closedFiles(folder: string): Finding[] {
  const me = process.geteuid?.() ?? 0;
  const closed = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => STATE_FILE.test(name))
    .map((name) => join(folder, name))
    .filter((file) => lstatSync(file).isFile() && !may(file, constants.R_OK | constants.W_OK));
  const change = (files: readonly string[], command: string) => {
    if (files.length === 0) return [];
    const names = files.map((file) => basename(file)).join(", ");
    const message = `${names} can't be read and written by ${userName(me)}, who sweeps`;
    return failed("files", message, `${command} ${files.map(shellQuoted).join(" ")}`);
  };
  const isOwn = (file: string) => lstatSync(file).uid === me;
  const others = closed.filter((file) => !isOwn(file));
  const chown = change(others, `${sudo()}chown ${userName(me)}:`);
  return [chown, change(closed.filter(isOwn), `${sudo(me)}chmod 600`)].flat();
}

/** What `status` warns of as well, and whose counters wait for an account that is no longer configured. */
function checkMagnets(config: Config, store: OpenedStore): Finding[] {
  const view = describeStatus({ store, config, now: new Date() });
  const former = view.accounts.filter((account) => account.former && account.failing > 0);
  const stuck = [...explainStillThere(view.still_there), ...explainWaitingInVain(view.waiting_in_vain)];
  const remedy = "put a key of it into api_keys, or leave it: they are forgotten after 90 days";
  const kept = (failing: number) => `${countOf(failing, "counter is", "counters are")} kept`;
  return [
    ...former.map(({ name, failing }) => warning("accounts", `${name}: ${kept(failing)}`, remedy)),
    ...stuck.map(({ message, remedy }) => warning("magnets", message, remedy)),
  ];
}

async function checkLock(folder: string, env: NodeJS.ProcessEnv): Promise<Finding> {
  if ((await runProgram("flock", ["--version"], env)).code === undefined) {
    const message = "the program flock is missing; without it two sweeps could run at once";
    return failed("lock", message, `${sudo()}apt install util-linux`);
  }
  const holder = await findLockHolder(folder);
  if (holder === undefined) return ok("lock", "free: a sweep could start now");
  const find = `${sudo(nearestExisting(folder)?.stat.uid)}fuser -v ${folder}/lock`;
  const remedy = `if it still is after 25 minutes, find its process: ${find}`;
  return warning("lock", `a sweep is running (${holder})`, remedy);
}
