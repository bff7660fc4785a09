import { countOf } from "../core/text.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { backUpCounters } from "../state/files.ts";
import { takeLock } from "../state/run-lock.ts";
import { openStore } from "../state/store.ts";
import type { Invocation } from "./invocation.ts";
import { begin, reportProblems } from "./setup.ts";

/**
 * `magnets reset [id...]`: forgets all counters, or those named; all of them or, when one is not there, none.
 * No question is asked: forgetting only delays a deletion, and a copy is kept.
 */
export async function reset(invocation: Invocation, ids: readonly string[]): Promise<ExitCode> {
  const { config, log } = await begin(invocation, { keysRequired: false });
  const done = await becomeOwner(config.stateDir, config.file);
  if (done !== undefined) return done;
  const lock = await takeLock(config.stateDir);
  try {
    const store = await openStore({
      folder: config.stateDir,
      mode: "write",
      now: () => new Date(),
      legacyCounters: config.legacyCounters,
    });
    reportProblems(store, log, "write");
    const missing = ids.filter((id) => !store.counters.has(id));
    if (missing.length > 0) {
      throw new UsageError(`no counter for ${missing.join(", ")}: nothing was forgotten; see magnets status`);
    }
    const forgotten = ids.length > 0 ? [...new Set(ids)] : [...store.counters.keys()];
    const backup = await backUpCounters(config.stateDir);
    for (const id of forgotten) store.counters.delete(id);
    await store.saveCounters();
    const copy = forgotten.length > 0 && backup !== undefined ? `; the former ones are in ${backup}` : "";
    invocation.print([`Forgot ${countOf(forgotten.length, "counter")}${copy}`]);
    return ExitCode.ok;
  } finally {
    await lock.release();
  }
}
