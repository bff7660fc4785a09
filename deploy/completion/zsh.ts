import {
  type CompletedCommand,
  type CompletedOption,
  type Completions,
  spellings,
  stateful,
  withValue,
} from "./completions.ts";

/** The script of `magnets completion zsh`. */
export function zshScript(completions: Completions): string {
  const { program, globals, commands } = completions;
  const stated = stateful(completions);
  const skipped = withValue(completions).filter((option) => !stated.includes(option));
  const names = commands.map(({ name, description }) => quote(`${name}:${description}`));
  const commandSpecs = commands.map(({ name, options, argument }) => {
    const specs = [...options.flatMap(optionSpecs), argumentSpec(program, name, argument)];
    return `${name}) specs+=(\n${indented(specs.map(quote), 6)}\n    ) ;;`;
  });
  return `#compdef ${program}
# zsh completion for ${program}, printed by: ${program} completion zsh
# To use it: save it as _${program} in a folder of $fpath; or, after compinit: source <(${program} completion zsh)

_${program}() {
  local word ${program}_command=
  local -a specs ${program}_state
  integer i

  for ((i = 2; i < CURRENT; i++)); do
    word=\${\${(Q)words[i]}/#\\~\\//$HOME/}
    case $word in
      ${spellings(stated).join(" | ")})
        ((++i < CURRENT)) && ${program}_state+=($word \${\${(Q)words[i]}/#\\~\\//$HOME/}) ;;
      ${stated.map(({ long }) => `${long}=*`).join(" | ")}) ${program}_state+=($word) ;;
      ${spellings(skipped).join(" | ")}) ((i++)) ;;
      -*) ;;
      *) [[ -n $${program}_command ]] || ${program}_command=$word ;;
    esac
  done

  specs=(
${indented(globals.flatMap(optionSpecs).map(quote), 4)}
  )
  case $${program}_command in
    '') specs+=('*:command:_${program}_commands') ;;
    ${commandSpecs.join("\n    ")}
  esac
  _arguments $specs
}

_${program}_commands() {
  local -a commands=(
${indented(names, 4)}
  )
  _describe command commands
}

# The ids and accounts that a command, the last argument, accepts, except those given already; none when they can't be
# read. _arguments puts what compadd takes before it.
_${program}_ids() {
  local -a ids given=(\${(Q)words})
  ids=(\${(f)"$(\${\${(Q)words[1]}/#\\~\\//$HOME/} $${program}_state completion --ids \${@[-1]} 2>/dev/null)"})
  given[CURRENT]=()
  ids=(\${ids:|given})
  compadd "\${@[1,-2]}" -a ids
}

if [[ $funcstack[1] == _${program} ]]; then _${program} "$@"; else compdef _${program} ${program}; fi
`;
}

/** The command's name counts as an argument, too: without this, `_arguments` would offer nothing after it. */
function argumentSpec(program: string, name: string, argument: CompletedCommand["argument"]): string {
  if (argument === "ids") return `*:id:_${program}_ids ${name}`;
  return argument.length > 0 ? `*:argument:(${argument.join(" ")})` : "*: : ";
}

/** What `_arguments` takes for each name of an option: the names that it excludes, its own, description and value. */
function optionSpecs(option: CompletedOption): string[] {
  const { long, short, description, value } = option;
  const excluded = `(${spellings([option]).join(" ")})`;
  const said = `[${description.replace(/[\]\\]/g, "\\$&")}]${zshValue(value)}`;
  return [
    ...(short ? [`${excluded}${short}${value ? "+" : ""}${said}`] : []),
    `${excluded}${long}${value ? "=" : ""}${said}`,
  ];
}

function zshValue(value: CompletedOption["value"]): string {
  if (value === undefined) return "";
  const { name, words } = value;
  if (name === "file") return ":file:_files";
  if (name === "dir") return ":folder:_files -/";
  return words.length > 0 ? `:${name}:(${words.join(" ")})` : `:${name}: `;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function indented(lines: readonly string[], width: number): string {
  return lines.map((line) => " ".repeat(width) + line).join("\n");
}
