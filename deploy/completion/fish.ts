import { type CompletedOption, type Completions, spellings, stateful, withValue } from "./completions.ts";

/** The script of `magnets completion fish`. */
export function fishScript(completions: Completions): string {
  const { program, globals, commands } = completions;
  const stated = stateful(completions);
  const skipped = withValue(completions).filter((option) => !stated.includes(option));
  const complete = (...words: string[]) => ["complete -c", program, ...words].join(" ");
  const within = (name: string) => `-n '__${program}_is ${name}'`;
  return `# fish completion for ${program}, printed by: ${program} completion fish
# To use it: ${program} completion fish | source

# The command on the line, before the cursor; fails where there is none.
function __${program}_command
  set -l skip
  for word in (commandline -opc)[2..]
    if set -q skip[1]
      set -e skip
      continue
    end
    switch $word
      case ${spellings([...stated, ...skipped]).join(" ")}
        set skip yes
      case '-*'
      case '*'
        echo $word
        return 0
    end
  end
  return 1
end

function __${program}_is
  test (__${program}_command; or echo none) = $argv[1]
end

# The ids and accounts that a command accepts, except those given already; none when they can't be read.
function __${program}_ids
  set -l words (string replace -r '^~(?=/|$)' -- $HOME (commandline -opc))
  set -l state
  for i in (seq 2 (count $words))
    switch $words[$i]
      case ${spellings(stated).join(" ")}
        set -a state $words[$i] $words[(math $i + 1)]
      case ${stated.map(({ long }) => `'${long}=*'`).join(" ")}
        set -a state $words[$i]
    end
  end
  for id in ($words[1] $state completion --ids $argv[1] 2>/dev/null)
    contains -- $id $words; or printf '%s\\n' $id
  end
end

${complete("-f")}
${globals.map((option) => complete(fishOption(option))).join("\n")}
${commands
  .map(({ name, description }) =>
    complete(`-n 'not __${program}_command >/dev/null'`, "-a", name, "-d", quote(description)),
  )
  .join("\n")}
${commands
  .flatMap(({ name, options, argument }) => [
    ...options.map((option) => complete(within(name), fishOption(option))),
    ...(argument === "ids" ? [complete(within(name), "-k -a", `'(__${program}_ids ${name})'`)] : []),
    ...(argument !== "ids" && argument.length > 0
      ? [complete(within(name), "-a", quote(argument.join(" ")))]
      : []),
  ])
  .join("\n")}
`;
}

function fishOption({ short, long, description, value }: CompletedOption): string {
  const names = [...(short ? [`-s ${short.slice(1)}`] : []), `-l ${long.slice(2)}`];
  return [...names, ...fishValue(value), "-d", quote(description)].join(" ");
}

function fishValue(value: CompletedOption["value"]): string[] {
  if (value === undefined) return [];
  if (value.name === "file") return ["-r -F"];
  if (value.name === "dir") return ["-x -a '(__fish_complete_directories)'"];
  return value.words.length > 0 ? ["-x -a", quote(value.words.join(" "))] : ["-x"];
}

function quote(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
