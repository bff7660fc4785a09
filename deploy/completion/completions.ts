import type { Command, Option } from "commander";
import { LOG_LEVELS } from "../../src/core/settings.ts";
import { createProgram } from "../../src/program.ts";

/** What a shell can complete. */
export interface Completions {
  readonly program: string;
  /** Options that stand before or after any command's name. */
  readonly globals: readonly CompletedOption[];
  readonly commands: readonly CompletedCommand[];
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  /** Without the globals. */
  readonly options: readonly CompletedOption[];
  /** What its argument can be; `ids` are asked for with `magnets completion --ids COMMAND`. */
  readonly argument: "ids" | readonly string[];
}

export interface CompletedOption {
  readonly short: string | undefined;
  readonly long: string;
  readonly description: string;
  /** Absent where the option has none. */
  readonly value: OptionValue | undefined;
}

interface OptionValue {
  /** As help shows it: `<file>` and `<dir>` are paths. */
  readonly name: string;
  readonly words: readonly string[];
}

/** Reads from the program itself what can be completed, so that nothing has to be listed twice. */
export function readCompletions(): Completions {
  const program = createProgram(
    () => {},
    () => {},
    async () => {},
  );
  const help = program.createHelp();
  const globals = help.visibleOptions(program).map(completedOption);
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  return {
    program: program.name(),
    globals,
    commands: commands.map((command) => ({
      name: command.name(),
      description: command.description(),
      options: help
        .visibleOptions(command)
        .map(completedOption)
        .filter(({ long }) => !globals.some((global) => global.long === long)),
      argument: completedArgument(command, names),
    })),
  };
}

function completedArgument(command: Command, names: readonly string[]): "ids" | readonly string[] {
  const [argument] = command.registeredArguments;
  if (argument?.name().startsWith("id")) return "ids";
  // `command` is the argument of Commander's own `help`.
  return argument?.argChoices ?? (argument?.name() === "command" ? names : []);
}

function completedOption({ short, long, flags, description, argChoices }: Option): CompletedOption {
  if (long === undefined || long === null) throw new Error(`an option without a long name: ${flags}`);
  const name = /<(\w+)>/.exec(flags)?.[1];
  const words = argChoices ?? (name === "level" ? LOG_LEVELS : []);
  return { short, long, description, value: name === undefined ? undefined : { name, words } };
}

/** Both names of each, short ones first. */
export function spellings(options: readonly CompletedOption[]): string[] {
  return options.flatMap(({ short, long }) => (short ? [short, long] : [long]));
}

/** The options of which a script has to skip the value. */
export function withValue({ globals, commands }: Completions): CompletedOption[] {
  return [...globals, ...commands.flatMap(({ options }) => options)].filter(({ value }) => value);
}

/** The options that say where ids are to be read: they are handed on to `magnets completion --ids`. */
export function stateful({ globals }: Completions): CompletedOption[] {
  return globals.filter(({ long }) => long === "--config" || long === "--state-dir");
}
