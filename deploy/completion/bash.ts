import { type CompletedOption, type Completions, spellings, stateful, withValue } from "./completions.ts";

/** The script of `magnets completion bash`. */
export function bashScript(completions: Completions): string {
  const { program, globals, commands } = completions;
  const valued = withValue(completions);
  const names = commands.map(({ name }) => name);
  const commandOptions = commands.flatMap(({ name, options }) =>
    options.length > 0 ? [`${name}) options+=" ${spellings(options).join(" ")}" ;;`] : [],
  );
  const commandArguments = commands.flatMap(({ name, argument }) => {
    if (argument.length === 0) return [];
    if (argument === "ids") return [`${name}) _${program}_ids "\${state[@]}" completion --ids ${name} ;;`];
    return [`${name}) ${bashReply(`-W "${argument.join(" ")}"`)} ;;`];
  });
  return `# bash completion for ${program}, printed by: ${program} completion bash
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
      ${spellings(valued).join(" | ")})
        [[ \${COMP_WORDS[i+1]} == = ]] && ((i++))
        ((i++))
        case $word in
          ${spellings(stateful(completions)).join(" | ")}) ((i < COMP_CWORD)) && state+=("$word" "\${COMP_WORDS[i]}") ;;
        esac
        ;;
      -*) ;;
      *) [[ $command ]] || command=$word ;;
    esac
  done

  case $option in
    ${valued.map((option) => `${spellings([option]).join(" | ")}) ${bashValue(option)} ;;`).join("\n    ")}
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

complete -F _${program} ${program}
`;
}

/** How bash completes an option's value. */
function bashValue({ value }: CompletedOption): string {
  const { name, words = [] } = value ?? {};
  if (name === "file" || name === "dir") {
    return `compopt -o filenames 2>/dev/null; ${bashReply(name === "file" ? "-f" : "-d")}; return`;
  }
  return words.length > 0 ? `${bashReply(`-W "${words.join(" ")}"`)}; return` : "return";
}

function bashReply(candidates: string): string {
  return `mapfile -t COMPREPLY < <(compgen ${candidates} -- "$cur")`;
}
