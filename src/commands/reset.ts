import type { Config } from "../config/load-config.ts";
import { nameAccounts } from "../core/identify-accounts.ts";
import { countOf } from "../core/text.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { shellQuoted, sudo } from "../permissions.ts";
import { takeLock } from "../state/run-lock.ts";
import { backUpCounters, type OpenedStore } from "../state/store.ts";
import { wrapCommand, wrapText } from "../terminal/layout.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

/**
 * `magnets reset [id|account...]`: forgets all counters, or those of the magnets and accounts named, and the confirmed
 * deletions with them; if one of these is not there, none. It does not ask: forgetting only delays a deletion.
 */
export async function reset(invocation: Invocation, words: readonly string[]): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: false });
  if (typeof setup === "number") return setup;
  const { config, log } = setup;
  await using _lock = await takeLock(config.stateDir);
  const store = await openState(config, "write", log);
  const { counters, confirmed } = store;
  const ids = words.length > 0 ? choose(words, store, config) : [...counters.keys(), ...confirmed.keys()];
  const backup = await backUpCounters(config.stateDir);
  const forgotten = ids.filter((id) => counters.delete(id)).length;
  const deletions = ids.filter((id) => confirmed.delete(id)).length;
  await store.saveConfirmed();
  await store.saveCounters();
  const also = deletions > 0 ? ` and ${countOf(deletions, "confirmed deletion")}` : "";
  const did = `Forgot ${countOf(forgotten, "counter")}${also}`;
  if (forgotten === 0 || backup === undefined) {
    invocation.print(wrapText(did, invocation));
    return ExitCode.ok;
  }
  const [from, to] = [shellQuoted(backup), shellQuoted(backup.replace(/\.bak$/, ""))];
  const command = wrapCommand(`  ${sudo(process.geteuid?.())}cp ${from} ${to}`, invocation, "    ");
  const advice = `${did}. To bring the ${forgotten === 1 ? "counter" : "counters"} back before the next sweep:`;
  invocation.print([...wrapText(advice, invocation), ...command]);
  return ExitCode.ok;
}

/** The ids that the words mean: magnets' ids, or accounts' names as `magnets status` shows them. */
function choose(
  words: readonly string[],
  { counters, confirmed, accounts }: OpenedStore,
  { accounts: keys, allKeysRead, command }: Config,
): string[] {
  const names = nameAccounts(accounts, keys, allKeysRead);
  const unknown: string[] = [];
  const ids = words.flatMap((word) => {
    if (counters.has(word) || confirmed.has(word)) return [word];
    const owners = names.idsOf(word);
    if (owners.length === 0) unknown.push(word);
    return [
      ...[...counters].filter(([, { account = "" }]) => owners.includes(account)),
      ...[...confirmed].filter(([, { fingerprint }]) => owners.includes(fingerprint)),
    ].map(([id]) => id);
  });
  if (unknown.length === 0) return ids;
  const hint = `nothing was forgotten; run ${command} status to see ids and accounts`;
  throw new UsageError(`there is no counter and no account named ${unknown.join(", ")}: ${hint}`);
}
