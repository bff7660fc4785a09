import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nameAccounts } from "../core/identify-accounts.ts";
import { restorables } from "../core/restore.ts";
import { cleanText } from "../core/text.ts";
import { ExitCode, UsageError } from "../errors.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

/**
 * `magnets completion SHELL`: prints the script that the build put beside the program. That script calls
 * `magnets completion --ids COMMAND` for the ids and accounts that a command accepts, one a line.
 */
export async function completion(
  invocation: Invocation,
  shell: string | undefined,
  { ids }: { ids?: string },
): Promise<ExitCode> {
  if (ids !== undefined) {
    invocation.print(await knownIds(invocation, ids));
    return ExitCode.ok;
  }
  if (shell === undefined) throw new UsageError("no shell given; run magnets completion bash, zsh or fish");
  const script = await readFile(join(__dirname, "completion", `magnets.${shell}`), "utf8");
  invocation.print([script.trimEnd()]);
  return ExitCode.ok;
}

/** Whoever presses the tab key wants ids or nothing, and never an error in the middle of the line. */
async function knownIds(invocation: Invocation, command: string): Promise<string[]> {
  try {
    const setup = await setUp(invocation, { keysRequired: false, onWarning: () => {} });
    if (typeof setup === "number") return [];
    const { config } = setup;
    const { accounts, allKeysRead } = config;
    const store = await openState(config, "read");
    if (command === "reset") {
      const names = nameAccounts(store.accounts, accounts, allKeysRead);
      const owners = [
        ...[...store.counters.values()].map(({ account }) => account),
        ...[...store.confirmed.values()].map(({ fingerprint: account }) => account),
      ];
      // A name may hold anything; one that would break the line is typed by hand.
      const shown = owners.flatMap((id) => names.nameOf(id) ?? []).filter((name) => cleanText(name) === name);
      return [...new Set([...store.counters.keys(), ...store.confirmed.keys(), ...shown])];
    }
    if (command !== "restore") return [];
    const known = restorables(await store.readDeletions());
    return known.flatMap(({ deletion, hash }) => (hash === undefined ? [] : deletion.id));
  } catch {
    return [];
  }
}
