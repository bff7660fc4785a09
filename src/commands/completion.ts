import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { nameAccounts } from "../core/identify-accounts.ts";
import { restorables } from "../core/restore.ts";
import { cleanText } from "../core/text.ts";
import { ExitCode, UsageError } from "../errors.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

/** `magnets completion SHELL`: prints the script that the build made, which calls this with `--ids COMMAND`. */
export async function completion(invocation: Invocation, shell = "", { ids }: { ids?: string }) {
  if (ids !== undefined) {
    invocation.print(await knownIds(invocation, ids));
    return ExitCode.ok;
  }
  if (shell === "") throw new UsageError("no shell given; run magnets completion bash, zsh or fish");
  const script = await readFile(join(__dirname, "completion", `magnets.${shell}`), "utf8");
  invocation.print([script.trimEnd()]);
  return ExitCode.ok;
}

/** Whoever presses the tab key wants ids or nothing, and never an error in the middle of the line. */
async function knownIds(invocation: Invocation, command: string): Promise<string[]> {
  try {
    const setup = await setUp(invocation, { keysRequired: false, onWarning: () => {} });
    if (typeof setup === "number") return [];
    const store = await openState(setup.config, "read");
    const { counters, confirmed } = store;
    if (command === "restore") {
      const known = restorables(await store.readDeletions());
      return known.flatMap(({ deletion, hash }) => (hash === undefined ? [] : deletion.id));
    }
    if (command !== "reset") return [];
    const names = nameAccounts(store.accounts, setup.config.accounts, setup.config.allKeysRead);
    const ofCounters = [...counters.values()].map(({ account }) => names.nameOf(account) ?? "");
    const ofConfirmed = [...confirmed.values()].map(({ fingerprint }) => names.nameOf(fingerprint) ?? "");
    // A name may hold anything; one that would break the line is typed by hand.
    const shown = [...ofCounters, ...ofConfirmed].filter((name) => name && cleanText(name) === name);
    return [...new Set([...counters.keys(), ...confirmed.keys(), ...shown])];
  } catch {
    return [];
  }
}
