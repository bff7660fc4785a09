import type { Command } from "commander";
import { restorables } from "../core/restore.ts";
import { LOG_LEVELS } from "../core/settings.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { bashCompletion } from "./bash-completion.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

/** The options of `magnets completion`. */
export interface CompletionOptions {
  /** Asked by the script itself: the ids that this command may be given. */
  readonly ids?: string;
}

/** `magnets completion bash`: prints the script that completes `program`'s commands, options and ids. */
export async function completion(
  invocation: Invocation,
  program: Command,
  shell: string | undefined,
  options: CompletionOptions,
): Promise<ExitCode> {
  if (options.ids !== undefined) {
    invocation.print(await knownIds(invocation, options.ids));
    return ExitCode.ok;
  }
  if (shell === undefined) throw new UsageError("name the shell: magnets completion bash");
  invocation.print([bashCompletion(program, LOG_LEVELS)]);
  return ExitCode.ok;
}

/** Whoever presses the tab key wants ids or nothing, and never an error in the middle of the line. */
async function knownIds(invocation: Invocation, command: string): Promise<string[]> {
  try {
    const setup = await setUp(invocation, { keysRequired: false, onWarning: () => {} });
    // The process that took over has printed them.
    if (setup.handedOver !== undefined) return [];
    const store = await openState(setup.config, "read");
    if (command === "reset") return [...store.counters.keys()];
    if (command !== "restore") return [];
    const known = restorables(await store.readDeletions());
    return known.flatMap(({ deletion, hash }) => (hash === undefined ? [] : deletion.id));
  } catch {
    return [];
  }
}
