import type { Command } from "commander";
import { loadConfig } from "../config/load-config.ts";
import { restorables } from "../core/restore.ts";
import { LOG_LEVELS } from "../core/settings.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { countersFormat } from "../state/counters-format.ts";
import { createDeletionsLog } from "../state/deletions-log.ts";
import { nodeFileSystem } from "../state/file-system.ts";
import { loadState } from "../state/state-file.ts";
import { bashCompletion } from "./bash-completion.ts";
import type { Invocation } from "./invocation.ts";

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
async function knownIds({ options, env, cwd }: Invocation, command: string): Promise<string[]> {
  try {
    const { config } = await loadConfig(
      { configPath: options.config, stateDir: options.stateDir, keysRequired: false },
      env,
      cwd,
    );
    // Then the other process has printed them.
    if ((await becomeOwner(config.stateDir, config.file)) !== undefined) return [];
    if (command === "reset") {
      const { value } = await loadState(nodeFileSystem, config.stateDir, countersFormat);
      return [...value.keys()];
    }
    if (command !== "restore") return [];
    const { deletions } = await createDeletionsLog(nodeFileSystem, config.stateDir).read();
    return restorables(deletions).flatMap(({ deletion, hash }) => (hash === undefined ? [] : deletion.id));
  } catch {
    return [];
  }
}
