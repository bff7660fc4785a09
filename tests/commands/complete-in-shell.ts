import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { expect } from "vitest";
import type { Machine } from "../support/machine.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** Whether the shell is on this machine: not everybody has all three. */
export function isInstalled(shell: Shell): boolean {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, shell)));
}

/** The script that the build made for the shell, which `magnets completion` prints. */
export const scriptOf = (shell: Shell) => join(ROOT, `dist/completion/magnets.${shell}`);

/** What a real shell offers for the last word of each line, typed in the home folder. */
export async function complete<Line extends string>(
  shell: Shell,
  machine: Machine,
  lines: readonly Line[],
): Promise<Record<Line, string[]>> {
  await mkdir(join(machine.home, "bin"), { recursive: true });
  await symlink(join(ROOT, "bin/magnets.js"), join(machine.home, "bin/magnets")).catch(() => {});
  const env = {
    PATH: `${join(machine.home, "bin")}:${process.env.PATH}`,
    HOME: machine.home,
    XDG_CONFIG_HOME: join(machine.home, ".config"),
    XDG_STATE_HOME: join(machine.home, ".local/state"),
    LC_ALL: "C.UTF-8",
    TERM: "xterm",
  };
  const offers = await COMPLETERS[shell](lines, env);
  const sorted = offers.map((words) => [...new Set(words.filter(Boolean))].sort());
  return Object.fromEntries(lines.map((line, i) => [line, sorted[i] ?? []])) as Record<Line, string[]>;
}

type Completer = (
  lines: readonly string[],
  env: { readonly HOME: string } & NodeJS.ProcessEnv,
) => Promise<string[][]>;

const COMPLETERS: Record<Shell, Completer> = {
  bash: async (lines, env) => {
    const program = `. "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_magnets
printf '%s\\n' "\${COMPREPLY[@]}"`;
    const offers = lines.map(async (line) => {
      // As bash splits a line for completion: at spaces, and before and after each `=`.
      const words = line.split(" ").flatMap((word) => word.split(/(=)/));
      const args = ["--norc", "-c", program, "bash", scriptOf("bash"), ...words];
      const { stdout, stderr } = await run("bash", args, { cwd: env.HOME, env });
      expect(stderr).toBe("");
      return stdout.split("\n");
    });
    return await Promise.all(offers);
  },

  // It completes nowhere but on a terminal, which `script` is for. The script is found as _magnets in $fpath.
  zsh: async (lines, env) => {
    const rc = `PROMPT=
fpath=($HOME/functions $fpath)
autoload -Uz compinit && compinit -u -D
compadd() {
  if [[ "\${@[1,(i)(-|--)]}" != *' '-[OAD]' '* ]]; then
    local -a offered
    builtin compadd -A offered "$@"
    print -rl -- $offered >>offered
  fi
  builtin compadd "$@"
}
zle-line-init() {
  for BUFFER in "\${(@f)TYPED}"; do
    CURSOR=$#BUFFER
    zle complete-word
    print : >>offered
  done
  exit 0
}
zle -N zle-line-init
`;
    await mkdir(join(env.HOME, "functions"), { recursive: true });
    await symlink(scriptOf("zsh"), join(env.HOME, "functions/_magnets")).catch(() => {});
    await writeFile(join(env.HOME, ".zshrc"), rc);
    await writeFile(join(env.HOME, "offered"), "");
    await run("script", ["-qec", "zsh -i", "/dev/null"], {
      cwd: env.HOME,
      env: { ...env, TYPED: lines.join("\n") },
    });
    const offered = await readFile(join(env.HOME, "offered"), "utf8");
    return offered.split(/^:\n/m).map((words) => words.split("\n"));
  },

  fish: async (lines, env) => {
    const program = "source $argv[1]; complete -C $argv[2]";
    const offers = lines.map(async (line) => {
      const args = ["--no-config", "-c", program, scriptOf("fish"), line];
      const { stdout, stderr } = await run("fish", args, { cwd: env.HOME, env });
      expect(stderr).toBe("");
      // A word, a tab and its description; the word brings its option along.
      return stdout.split("\n").map((offer) => offer.replace(/\t.*/, "").replace(/^--[a-z-]+=/, ""));
    });
    return await Promise.all(offers);
  },
};
