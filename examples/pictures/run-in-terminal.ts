import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** The terminal that a program finds, and its environment, of which nothing is inherited. */
export interface TerminalOptions {
  readonly columns: number;
  readonly rows: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * Runs a program in a pseudo-terminal (util-linux's script(1) makes it) and returns all that it wrote there.
 * Throws when it does not exit with 0.
 */
export async function runInTerminal(command: readonly string[], options: TerminalOptions): Promise<string> {
  const { columns, rows, env } = options;
  const line = `stty cols ${columns} rows ${rows}; exec ${command.map(quote).join(" ")}`;
  const child = spawn("script", ["--quiet", "--return", "--command", line, "/dev/null"], {
    env: { ...env, SHELL: "/bin/sh", TERM: "xterm-256color" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error(`exit code ${child.exitCode}:\n${output}`);
  return output;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
