import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Readable } from "node:stream";

/** The Node that runs the executable. The tests themselves need a newer one than it does. */
export const NODE = process.env.MAGNETS_TEST_NODE || process.execPath;

/** The executable as `npm run build` made it. */
const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");

/** How a run ended, and all that it wrote. */
export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run under way. */
export interface Running {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once stderr holds the text; rejects when the run ends without it. */
  logged(text: string): Promise<void>;
  /** Resolves when the process is gone and its pipes are read to their ends. */
  readonly finished: Promise<Finished>;
}

/** Where a run finds itself. */
export interface RunOptions {
  /** The home folder, which the working directory is, too, unless told. */
  readonly home: string;
  readonly cwd?: string;
  /** Added to what every run has: PATH, HOME, the XDG folders below it, TZ. Nothing else is inherited. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A descriptor to write to in place of a pipe; `stderr` of the result is then empty. */
  readonly stderr?: number;
  /** A command to run it with, such as `prlimit --fsize=4096`. */
  readonly wrapper?: readonly string[];
}

/** Starts `magnets` with these arguments, in an environment that holds nothing of the machine's. */
export function startMagnets(args: readonly string[], options: RunOptions): Running {
  const { home, cwd = home, env, stderr = "pipe", wrapper = [] } = options;
  const [command = "", ...rest] = [...wrapper, NODE, MAGNETS, ...args];
  const child = spawn(command, rest, {
    cwd,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CONFIG_HOME: join(home, ".config"),
      XDG_STATE_HOME: join(home, ".local/state"),
      TZ: "UTC",
      ...env,
    },
    stdio: ["ignore", "pipe", stderr],
  }) as ChildProcessByStdio<null, Readable, Readable | null>;

  const written = { stdout: "", stderr: "" };
  const lookouts = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    written.stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    written.stderr += text;
    for (const look of lookouts) look();
  });
  const finished = once(child, "close").then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    ...written,
  }));
  return {
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    logged: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!written.stderr.includes(text)) return;
          lookouts.delete(look);
          resolve();
        };
        lookouts.add(look);
        look();
        finished.then(() => reject(new Error(`it ended without "${text}":\n${written.stderr}`)), reject);
      }),
    finished,
  };
}
