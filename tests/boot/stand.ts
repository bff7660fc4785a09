import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import { Container, type Outcome } from "./container.ts";
import { type Release, unpackDebian } from "./debian-tree.ts";

export const KEY = "b00tTestKey1234567890";
export const CONFIG = "/etc/magnets/config.json";
export const STATE = "/var/lib/magnets";

/** When the timer fires, as `OnCalendar=` takes it. */
export const NEVER = "2099-01-01";
export const OFTEN = "*:*:0/2";

/** Tests start units more often than systemd allows in ten seconds. */
const UNLIMITED = "[Unit]\nStartLimitIntervalSec=0\n";

/** A booted Debian with the packages in /root, and the two fakes that magnets in it talks to. */
export class Stand {
  debian: Container;
  readonly alldebrid: AllDebridSandbox;
  readonly discord: DiscordSandbox;
  #work: string;

  private constructor(work: string, debian: Container, fakes: [AllDebridSandbox, DiscordSandbox]) {
    this.#work = work;
    this.debian = debian;
    [this.alldebrid, this.discord] = fakes;
  }

  /** Boots a fresh one with what is in the folder `packages`. */
  static async setUp(release: Release, packages: string): Promise<Stand> {
    const work = await mkdtemp(join(tmpdir(), "magnets-boot-"));
    try {
      const folder = join(work, "debian");
      unpackDebian(release, folder, process.env.MAGNETS_BOOT_CACHE ?? "/var/cache/magnets-boot");
      await cp(packages, join(folder, "root"), { recursive: true });
      const debian = await Container.boot(folder);
      return new Stand(work, debian, [
        await startAllDebrid({ accounts: [{ key: KEY }] }),
        await startDiscord(),
      ]);
    } catch (error) {
      await rm(work, { recursive: true, force: true });
      throw error;
    }
  }

  async tearDown(): Promise<void> {
    await this.debian.shutDown();
    await this.alldebrid.close();
    await this.discord.close();
    await rm(this.#work, { recursive: true, force: true });
  }

  /** Writes a file in the container; one that is there keeps its owner and its mode. */
  put(path: string, content: string): Promise<void> {
    return writeFile(join(this.debian.folder, path), content);
  }

  /** Writes the service's configuration: the account, the webhook and `max_retries` 3, unless told otherwise. */
  configure(settings: Record<string, unknown> = {}): Promise<void> {
    const usual = { api_keys: [KEY], discord_webhook_url: this.discord.url, max_retries: 3 };
    return this.put(CONFIG, JSON.stringify({ ...usual, ...settings }));
  }

  /** Writes a drop-in for a unit. */
  async dropIn(unit: string, content: string): Promise<void> {
    await this.debian.must(`mkdir -p /etc/systemd/system/${unit}.d`);
    await this.put(`/etc/systemd/system/${unit}.d/test.conf`, content);
    await this.debian.must("systemctl daemon-reload");
  }

  /** Points the service at the fakes, and gives it these lines, too. */
  useSandbox(...lines: string[]): Promise<void> {
    const service = ["[Service]", `Environment=${this.environment}`, ...lines];
    return this.dropIn("magnets.service", `${UNLIMITED}${service.join("\n")}\n`);
  }

  /** Lets the timer, running or not, fire at other times than every half an hour. */
  async schedule(calendar: string): Promise<void> {
    const timing = `OnCalendar=\nOnCalendar=${calendar}\nRandomizedDelaySec=0\nAccuracySec=100ms\n`;
    await this.dropIn("magnets.timer", `${UNLIMITED}[Timer]\n${timing}`);
    if ((await this.debian.run("systemctl is-active magnets.timer")).code === 0) {
      await this.debian.must("systemctl restart magnets.timer");
    }
  }

  /** Lets the timer fire at the times that it was installed with, as one that has missed none. */
  async useUsualTimes(): Promise<void> {
    await this.dropIn("magnets.timer", UNLIMITED);
    await this.debian.must("touch /var/lib/systemd/timers/stamp-magnets.timer");
    await this.debian.must("systemctl restart magnets.timer");
  }

  /** What root's bash offers for the last of these words, by the file that it loads for the first. */
  complete(...words: string[]): Promise<string> {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const script = `. /usr/share/bash-completion/bash_completion
# Debian 12 calls it by its older name.
if declare -F _comp_load >/dev/null; then _comp_load magnets; else _completion_loader magnets; fi
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_magnets
echo "\${COMPREPLY[*]}"`;
    return this.debian.must(`bash -s -- ${quoted} <<'END'\n${script}\nEND`);
  }

  /** What tells magnets of the fake AllDebrid. */
  get environment(): string {
    return `MAGNETS_API_URL=${this.alldebrid.url}`;
  }

  /** `sudo magnets …`, which is told of the fakes and of nothing else. */
  magnets(args: string): Promise<Outcome> {
    return this.debian.run(`sudo ${this.environment} magnets ${args}`);
  }

  /** A sweep by the service, to its end. */
  sweep(): Promise<Outcome> {
    return this.debian.run("systemctl start magnets.service");
  }

  /** What a person sees who asks how the service is. */
  async status(): Promise<string> {
    return (await this.debian.run("systemctl status --no-pager magnets.service")).output;
  }

  /** A property of the service, as `systemctl show` names it. */
  property(name: string): Promise<string> {
    return this.debian.must(`systemctl show --value -p ${name} magnets.service`);
  }

  /** Lets `trigger` bring a sweep about, calls `meanwhile` while AllDebrid keeps it waiting, and sees it end. */
  async duringSweep(
    trigger: () => Promise<unknown>,
    meanwhile: (release: () => void) => Promise<unknown>,
  ): Promise<void> {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const before = this.alldebrid.requestsTo("status").length;
    this.alldebrid.fault("status", { kind: "hold", until: released }, { times: 1 });
    try {
      await trigger();
      await this.alldebrid.seen("status", before + 1);
      await this.schedule(NEVER);
      await meanwhile(release);
    } finally {
      release();
    }
    await this.untilState((state) => !state.endsWith("ing"));
  }

  /** Waits until the service's state, such as `deactivating`, is accepted. */
  untilState(accept: (state: string) => boolean): Promise<string> {
    const show = "systemctl show --value -p ActiveState magnets.service";
    return this.debian.until(show, (output) => accept(output.trim()));
  }

  /** The counters as they are on disk. */
  async counters(): Promise<Record<string, { fails: number }>> {
    return JSON.parse(await this.debian.must(`cat ${STATE}/retry_counts.json`));
  }

  /** Kind, owner and mode of the state folder and of all in it, each once. */
  stateModes(): Promise<string> {
    return this.debian.must(`find ${STATE} -printf '%y %u:%g %m\\n' | sort -u`);
  }

  /** Every file of the program's name, outside the folder where the packages were put. */
  leftovers(): Promise<string> {
    const places = "-path /proc -o -path /sys -o -path /root -o -path /run/systemd/units";
    return this.debian.must(`find / \\( ${places} \\) -prune -o -iname '*magnets*' -print`);
  }

  /** The user's and the group's entries. */
  async accounts(): Promise<string> {
    return (await this.debian.run("getent passwd magnets; getent group magnets")).output;
  }
}
