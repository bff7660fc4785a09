import type { Argument, Command, Option } from "commander";

/**
 * Writes the bash completion of a program from its own commands, options and arguments. What is completed follows
 * from names: an option's `<file>` or `<dir>` from the disk, `<level>` from the log levels, a command's `[id...]`
 * by asking the program (`completion --ids COMMAND`), and what has choices from these.
 */
export function bashCompletion(program: Command, logLevels: readonly string[]): string {
  const name = program.name();
  const commands = program.createHelp().visibleCommands(program);
  const globals = optionsOf(program);
  const all = [...globals, ...commands.flatMap(optionsOf)];
  const valued = [...new Set(all.filter(takesValue).flatMap(spellings))];
  const stateful = all.filter((option) => ["--config", "--state-dir"].includes(option.long ?? ""));
  return `# bash completion for ${name}, made by: ${name} completion bash
# To use it: source <(${name} completion bash)

_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} option=\${COMP_WORDS[COMP_CWORD-1]} command= word i
  local -a state=()
  COMPREPLY=()

  # Bash hands over --option=value as three words.
  if [[ $cur == = ]]; then
    cur=
  elif [[ $option == = ]]; then
    option=\${COMP_WORDS[COMP_CWORD-2]}
  fi

  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      ${valued.join(" | ")})
        [[ \${COMP_WORDS[i+1]} == = ]] && ((i++))
        ((i++))
        case $word in
          ${stateful.flatMap(spellings).join(" | ")}) ((i < COMP_CWORD)) && state+=("$word" "\${COMP_WORDS[i]}") ;;
        esac
        ;;
      -*) ;;
      *) [[ $command ]] || command=$word ;;
    esac
  done

  case $option in
${distinct(all.filter(takesValue))
  .map((option) => valueCase(option, logLevels))
  .join("\n")}
  esac

  if [[ $cur == -* ]]; then
    local options="${globals.flatMap(spellings).join(" ")}"
    case $command in
${commands.flatMap((command) => optionsCase(command, globals)).join("\n")}
    esac
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
    return
  fi

  case $command in
    '') mapfile -t COMPREPLY < <(compgen -W "${commands.map((command) => command.name()).join(" ")}" -- "$cur") ;;
${commands.flatMap((command) => argumentCase(program, command, commands)).join("\n")}
  esac
}

# The ids that a command may be given, but for those it has got already; nothing when they can't be known.
_${name}_ids() {
  local id
  for id in $("\${COMP_WORDS[0]/#\\~/$HOME}" "$@" 2>/dev/null); do
    [[ " \${COMP_WORDS[*]:0:COMP_CWORD} " == *" $id "* ]] || printf '%s\\n' "$id"
  done
}

complete -F _${name} ${name}`;
}

function optionsOf(command: Command): Option[] {
  return command.createHelp().visibleOptions(command);
}

function spellings({ short, long }: Option): string[] {
  return [short, long].filter((spelling) => spelling !== undefined && spelling !== null);
}

function takesValue(option: Option): boolean {
  return option.required || option.optional;
}

/** The same option may stand at several commands. */
function distinct(options: readonly Option[]): Option[] {
  return options.filter((option, i) => options.findIndex((other) => other.flags === option.flags) === i);
}

function valueCase(option: Option, logLevels: readonly string[]): string {
  const kind = /[<[](\w+)/.exec(option.flags)?.[1];
  const words = option.argChoices ?? (kind === "level" ? logLevels : undefined);
  const found =
    kind === "file"
      ? 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur");'
      : kind === "dir"
        ? 'compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$cur");'
        : words
          ? `mapfile -t COMPREPLY < <(compgen -W "${words.join(" ")}" -- "$cur");`
          : "";
  return `    ${spellings(option).join(" | ")}) ${[found, "return"].filter(Boolean).join(" ")} ;;`;
}

function optionsCase(command: Command, globals: readonly Option[]): string[] {
  const known = globals.flatMap(spellings);
  const own = optionsOf(command)
    .flatMap(spellings)
    .filter((spelling) => !known.includes(spelling));
  return own.length > 0 ? [`      ${command.name()}) options+=" ${own.join(" ")}" ;;`] : [];
}

function argumentCase(program: Command, command: Command, commands: readonly Command[]): string[] {
  const found = command.registeredArguments.flatMap((argument) => {
    const words =
      argument.argChoices ?? (isCommandName(command, argument) ? commands.map((each) => each.name()) : []);
    if (words.length > 0) return [`compgen -W "${words.join(" ")}" -- "$cur"`];
    if (argument.name() !== "id") return [];
    const ids = `_${program.name()}_ids "\${state[@]}" completion --ids ${command.name()}`;
    return [`compgen -W "$(${ids})" -- "$cur"`];
  });
  return found.slice(0, 1).map((line) => `    ${command.name()}) mapfile -t COMPREPLY < <(${line}) ;;`);
}

/** Commander's own `help [command]`. */
function isCommandName(command: Command, argument: Argument): boolean {
  return command.name() === "help" && argument.name() === "command";
}
