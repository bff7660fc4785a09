import type { Command, Option } from "commander";
import { nameAccounts } from "../core/account-names.ts";
import { restorables } from "../core/restore.ts";
import { LOG_LEVELS } from "../core/settings.ts";
import { cleanText } from "../core/text.ts";
import { ExitCode, UsageError } from "../errors.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

/**
 * `magnets completion bash`: prints the script that completes `program`'s commands, options and ids. That script calls
 * `magnets completion --ids COMMAND` for the ids and accounts that a command accepts, one a line.
 */
export async function completion(
  invocation: Invocation,
  program: Command,
  shell: string | undefined,
  { ids }: { ids?: string },
): Promise<ExitCode> {
  if (ids !== undefined) {
    invocation.print(await knownIds(invocation, ids));
    return ExitCode.ok;
  }
  if (shell === undefined) throw new UsageError("no shell given; run magnets completion bash");
  invocation.print([bashScript(completionsOf(program))]);
  return ExitCode.ok;
}

/** Whoever presses the tab key wants ids or nothing, and never an error in the middle of the line. */
async function knownIds(invocation: Invocation, command: string): Promise<string[]> {
  try {
    const setup = await setUp(invocation, { keysRequired: false, onWarning: () => {} });
    // The process that took over has printed them.
    if (setup.handedOver !== undefined) return [];
    const { accounts, allKeysRead } = setup.config;
    const store = await openState(setup.config, "read");
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

/** What a shell can complete. */
interface Completions {
  readonly program: string;
  /** Options that stand before or after any command's name. */
  readonly globals: readonly Option[];
  readonly commands: readonly {
    readonly name: string;
    /** Without the globals. */
    readonly options: readonly Option[];
    /** What its argument can be; `ids` are asked for with `completion --ids COMMAND`. */
    readonly argument: "ids" | readonly string[];
  }[];
}

/** Reads from the program's own commands what can be completed, so that nothing has to be listed twice. */
function completionsOf(program: Command): Completions {
  const help = program.createHelp();
  const globals = help.visibleOptions(program);
  const commands = help.visibleCommands(program);
  const names = commands.map((command) => command.name());
  return {
    program: program.name(),
    globals,
    commands: commands.map((command) => {
      const options = help.visibleOptions(command);
      const [argument] = command.registeredArguments;
      // `command` is the argument of Commander's own `help`.
      const words = argument?.argChoices ?? (argument?.name() === "command" ? names : []);
      return {
        name: command.name(),
        options: options.filter(({ long }) => !globals.some((global) => global.long === long)),
        argument: argument?.name().startsWith("id") ? "ids" : words,
      };
    }),
  };
}

function bashScript({ program, globals, commands }: Completions): string {
  const withValue = [...globals, ...commands.flatMap(({ options }) => options)].filter(takesValue);
  const stateful = globals.filter(({ long }) => long === "--config" || long === "--state-dir");
  const names = commands.map(({ name }) => name);
  const commandOptions = commands.flatMap(({ name, options }) =>
    options.length > 0 ? [`${name}) options+=" ${spellings(options).join(" ")}" ;;`] : [],
  );
  const commandArguments = commands.flatMap(({ name, argument }) => {
    if (argument.length === 0) return [];
    if (argument === "ids") return [`${name}) _${program}_ids "\${state[@]}" completion --ids ${name} ;;`];
    return [`${name}) ${bashReply(`-W "${argument.join(" ")}"`)} ;;`];
  });
  return `# bash completion for ${program}, made by: ${program} completion bash
# To use it: source <(${program} completion bash)

_${program}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} command= word i
  local -a state=()
  COMPREPLY=()

  # Bash splits --option=value into three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $option == = ]]; then
    option=\${COMP_WORDS[COMP_CWORD-2]}
  fi

  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${spellings(withValue).join(" | ")})
        [[ \${COMP_WORDS[i+1]} == = ]] && ((i++))
        ((i++))
        case $word in
          ${spellings(stateful).join(" | ")}) ((i < COMP_CWORD)) && state+=("$word" "\${COMP_WORDS[i]}") ;;
        esac
        ;;
      -*) ;;
      *) [[ $command ]] || command=$word ;;
    esac
  done

  case $option in
    ${withValue.map((option) => `${spellings([option]).join(" | ")}) ${bashValue(option)} ;;`).join("\n    ")}
  esac

  if [[ $cur == -* ]]; then
    local options="${spellings(globals).join(" ")}"
    case $command in
      ${commandOptions.join("\n      ")}
    esac
    ${bashReply('-W "$options"')}
    return
  fi

  case $command in
    '') ${bashReply(`-W "${names.join(" ")}"`)} ;;
    ${commandArguments.join("\n    ")}
  esac
}

# The ids and accounts that a command accepts, except those given already; none when they can't be read.
_${program}_ids() {
  local word shown quote= given=" \${COMP_WORDS[*]:0:COMP_CWORD} "
  [[ $cur == [\\"\\']* ]] && quote=\${cur:0:1} cur=\${cur:1}
  [[ $quote ]] || cur=\${cur//\\\\/}
  while IFS= read -r word; do
    shown=$word
    [[ $quote ]] || printf -v shown %q "$word"
    [[ $word == "$cur"* && $given != *" $word "* && $given != *" $shown "* ]] && COMPREPLY+=("$shown")
  done < <("\${COMP_WORDS[0]/#\\~/$HOME}" "$@" 2>/dev/null)
}

complete -F _${program} ${program}`;
}

/** How bash completes an option's value, by its name: `<file>`, `<dir>`, `<level>` or its choices. */
function bashValue(option: Option): string {
  const name = /<(\w+)>/.exec(option.flags)?.[1];
  const words = option.argChoices ?? (name === "level" ? LOG_LEVELS : []);
  if (name === "file" || name === "dir") {
    return `compopt -o filenames 2>/dev/null; ${bashReply(name === "file" ? "-f" : "-d")}; return`;
  }
  return words.length > 0 ? `${bashReply(`-W "${words.join(" ")}"`)}; return` : "return";
}

function bashReply(candidates: string): string {
  return `mapfile -t COMPREPLY < <(compgen ${candidates} -- "$cur")`;
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

function spellings(options: readonly Option[]): string[] {
  return options.flatMap(({ short, long }) =>
    [short, long].filter((spelling) => typeof spelling === "string"),
  );
}
