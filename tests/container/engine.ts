import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** What a command came to. */
export interface Outcome {
  readonly code: number;
  /** Standard output and error, one after the other. */
  readonly output: string;
}

const SETTINGS = `[containers]
netns = "host"
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
`;

/** Podman and buildah with images, containers, volumes and secrets of their own, on this machine's network. */
export class Engine {
  /** A folder for the test's files, removed with all the rest. */
  readonly work: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(work: string) {
    this.work = work;
    this.#env = {
      ...process.env,
      PATH: `${join(work, "bin")}${delimiter}${process.env.PATH}`,
      CONTAINERS_CONF: join(work, "containers.conf"),
      // Without the right to make namespaces while an image is built.
      BUILDAH_ISOLATION: "chroot",
    };
  }

  /** `$MAGNETS_STORAGE_DRIVER` is for machines where overlay does not work: `vfs` does everywhere, and slowly. */
  static async start(): Promise<Engine> {
    const work = await mkdtemp(join(tmpdir(), "magnets-container-"));
    const driver = process.env.MAGNETS_STORAGE_DRIVER ?? "overlay";
    const storage = `--root=${work}/storage --runroot=${work}/run --storage-driver=${driver}`;
    await mkdir(join(work, "bin"));
    await writeFile(join(work, "containers.conf"), SETTINGS);
    // Whatever starts podman has to use the same.
    for (const [name, options] of [
      ["podman", `${storage} --tmpdir=${work}/tmp`],
      ["buildah", storage],
    ]) {
      const script = `#!/bin/sh\nexec /usr/bin/${name} ${options} "$@"\n`;
      await writeFile(join(work, "bin", `${name}`), script, { mode: 0o755 });
    }
    return new Engine(work);
  }

  async remove(): Promise<void> {
    await this.run("podman", ["rm", "--all", "--force", "--time", "0"]);
    // The driver mounts its folder on itself.
    await this.run("umount", [join(this.work, "storage/overlay")]);
    await rm(this.work, { recursive: true, force: true });
  }

  run(command: string, args: readonly string[], options: { cwd?: string } = {}): Promise<Outcome> {
    return new Promise((resolve) => {
      const settings = { ...options, env: this.#env, maxBuffer: 64 * 1024 * 1024 };
      execFile(command, args, settings, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), output: `${stdout}${stderr}` });
      });
    });
  }

  /** Runs a command that has to succeed, and returns what it printed, trimmed. */
  async must(command: string, args: readonly string[], options: { cwd?: string } = {}): Promise<string> {
    const { code, output } = await this.run(command, args, options);
    if (code !== 0) throw new Error(`${command} ${args.join(" ")}: exit code ${code}\n${output}`);
    return output.trim();
  }

  podman(...args: string[]): Promise<string> {
    return this.must("podman", args);
  }

  /** Serves Docker's API to what `use` runs, which finds it by `$DOCKER_HOST`. */
  async asDocker(use: () => Promise<void>): Promise<void> {
    const socket = join(this.work, "docker.sock");
    const service = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], {
      env: this.#env,
    });
    const ended = once(service, "exit");
    try {
      await this.until("docker's API", () => existsSync(socket));
      this.#env.DOCKER_HOST = `unix://${socket}`;
      await use();
    } finally {
      delete this.#env.DOCKER_HOST;
      service.kill();
      await ended;
    }
  }

  /** Makes an image of an archive. */
  async import(archive: string, image: string): Promise<void> {
    const container = await this.must("buildah", ["from", "scratch"]);
    await this.must("buildah", ["add", "--quiet", container, archive, "/"]);
    await this.must("buildah", ["commit", "--quiet", "--rm", container, image]);
  }

  /** Waits until a container's log contains `text`, `times` times, and returns the log. */
  async untilLogged(container: string, text: string, times = 1): Promise<string> {
    let log = "";
    await this.until(`"${text}" in the log of ${container}`, async () => {
      log = await this.podman("logs", container);
      return log.split(text).length > times;
    });
    return log;
  }

  async until(what: string, isThere: () => boolean | Promise<boolean>): Promise<void> {
    const giveUp = Date.now() + 30_000;
    while (!(await isThere())) {
      if (Date.now() > giveUp) throw new Error(`waited in vain for ${what}`);
      await sleep(100);
    }
  }
}
