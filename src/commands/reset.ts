import { countOf } from "../core/text.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { takeLock } from "../state/run-lock.ts";
import { backUpCounters } from "../state/store.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

/**
 * `magnets reset [id...]`: forgets all counters or those named; if one of these is not there, none. It does not ask
 * for confirmation: forgetting only delays a deletion, and a copy is kept.
 */
export async function reset(invocation: Invocation, ids: readonly string[]): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: false });
  if (setup.handedOver !== undefined) return setup.handedOver;
  const { config, log } = setup;
  const lock = await takeLock(config.stateDir);
  try {
    const store = await openState(config, "write", log);
    const missing = ids.filter((id) => !store.counters.has(id));
    if (missing.length > 0) {
      throw new UsageError(
        `no counter for ${missing.join(", ")}: nothing was forgotten; run magnets status to see the ids`,
      );
    }
    const forgotten = ids.length > 0 ? [...new Set(ids)] : [...store.counters.keys()];
    const backup = await backUpCounters(config.stateDir);
    for (const id of forgotten) store.counters.delete(id);
    await store.saveCounters();
    const copy =
      forgotten.length > 0 && backup !== undefined ? `; the previous file is kept as ${backup}` : "";
    invocation.print([`Forgot ${countOf(forgotten.length, "counter")}${copy}`]);
    return ExitCode.ok;
  } finally {
    await lock.release();
  }
}
