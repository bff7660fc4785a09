import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/** What a command in the container came to. */
export interface Outcome {
  readonly code: number;
  /** Standard output and error together, in order. */
  readonly output: string;
}

const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Asks nothing, and does not sync each file: nobody needs the tree after a power cut. */
export const DPKG_ENVIRONMENT = ["DEBIAN_FRONTEND=noninteractive", "DPKG_FORCE=unsafe-io"];

/** A Debian with systemd as PID 1, in a folder, on this machine's network. */
export class Container {
  readonly folder: string;
  #nspawn: ChildProcess;
  #leader: string;

  private constructor(folder: string, nspawn: ChildProcess, leader: string) {
    this.folder = folder;
    this.#nspawn = nspawn;
    this.#leader = leader;
  }

  /** Boots what is in `folder` and waits until systemd calls it up. Throws with nspawn's words if it fails. */
  static async boot(folder: string): Promise<Container> {
    const args = ["--quiet", "--register=no", "--keep-unit", "--link-journal=no", "--console=passive"];
    const nspawn = spawn("systemd-nspawn", [...args, "-D", folder, "-b"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [nspawn.stdout, nspawn.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        said = (said + text).slice(-4000);
      });
    }
    const giveUp = Date.now() + 90_000;
    while (Date.now() < giveUp && nspawn.exitCode === null) {
      const leader = await childOf(nspawn.pid);
      if (leader !== undefined) {
        const container = new Container(folder, nspawn, leader);
        // Not is-system-running, which waits for what a timer has started meanwhile.
        if ((await container.run("systemctl is-active multi-user.target")).code === 0) return container;
      }
      await sleep(200);
    }
    nspawn.kill("SIGKILL");
    throw new Error(`the container does not boot:\n${said}`);
  }

  /** Runs a shell command as root. */
  async run(command: string): Promise<Outcome> {
    const environment = [`PATH=${PATH}`, "HOME=/root", "LC_ALL=C.UTF-8", ...DPKG_ENVIRONMENT];
    const shell = [
      "-t",
      this.#leader,
      "-a",
      "--",
      "env",
      "-i",
      ...environment,
      "sh",
      "-c",
      `exec 2>&1; ${command}`,
    ];
    try {
      const { stdout } = await promisify(execFile)("nsenter", shell, { maxBuffer: 64 * 1024 * 1024 });
      return { code: 0, output: stdout };
    } catch (error) {
      const { code, stdout } = error as { code: number; stdout: string };
      return { code, output: stdout };
    }
  }

  /** Runs a shell command as root that has to succeed, and returns what it printed, trimmed. */
  async must(command: string): Promise<string> {
    const { code, output } = await this.run(command);
    if (code !== 0) throw new Error(`${command}: exit code ${code}\n${output}`);
    return output.trim();
  }

  /** Runs a shell command until `accept` likes what it prints; throws after half a minute. */
  async until(command: string, accept: (output: string) => boolean): Promise<string> {
    const giveUp = Date.now() + 30_000;
    for (;;) {
      const { output } = await this.run(command);
      if (accept(output)) return output.trim();
      if (Date.now() > giveUp) throw new Error(`waited in vain for ${command}; at last it said\n${output}`);
      await sleep(100);
    }
  }

  /** Shuts down in order, as a machine that is switched off. */
  async shutDown(): Promise<void> {
    if (this.#nspawn.exitCode !== null) return;
    const down = once(this.#nspawn, "exit");
    await this.run("systemctl poweroff");
    const late = setTimeout(() => this.#nspawn.kill("SIGKILL"), 60_000);
    await down;
    clearTimeout(late);
  }
}

/** The first child of a process: what nspawn starts is the container's PID 1. */
async function childOf(pid: number | undefined): Promise<string | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  return children.trim().split(" ")[0] || undefined;
}
