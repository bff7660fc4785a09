import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test as base, expect } from "vitest";
import { type AllDebridSandbox, startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { standingClock } from "../../examples/sandbox/clock.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import { type Finished, type Running, type RunOptions, startMagnets } from "./start-magnets.ts";

/** The keys of the accounts `main` and `spare`. */
export const MAIN_KEY = "Ma1nKeyOfTheTests0001";
export const SPARE_KEY = "Sp4reKeyOfTheTests002";

/** What differs from a machine's usual run. */
type MachineRun = Partial<Omit<RunOptions, "home">>;

/** A person's machine: a home with a configuration for the account `main`, and the two fakes it talks to. */
export interface Machine {
  /** A folder of this machine's own, gone when the test ends. */
  readonly home: string;
  /** The default state folder; not there before the first run. */
  readonly state: string;
  /** The config file. */
  readonly config: string;
  /** Its clock stands still; the accounts `main` and `spare` hold nothing. */
  readonly alldebrid: AllDebridSandbox;
  readonly discord: DiscordSandbox;
  /** Writes the configuration: account `main` and the webhook, unless the settings say otherwise. */
  configure(settings?: Readonly<Record<string, unknown>>): Promise<void>;
  /** Writes a file below home, folders included; anything but text becomes JSON. Returns its path. */
  write(name: string, content: unknown): Promise<string>;
  /** Parses a JSON file of state. */
  // biome-ignore lint/suspicious/noExplicitAny: each test reads another part of it
  readState(name: string): Promise<any>;
  /** The deletions on record; none while there is no such file. */
  // biome-ignore lint/suspicious/noExplicitAny: each test reads another part of it
  readDeletions(): Promise<any[]>;
  start(args: readonly string[], options?: MachineRun): Running;
  /** Runs to the end. Whatever it wrote, a key, the webhook's address or a stack in it fails the test. */
  run(args: readonly string[], options?: MachineRun): Promise<Finished>;
}

/** A test that is given a `machine`; tests may run side by side. */
export const test = base.extend<{ machine: Machine }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the parameter's pattern
  machine: async ({}, use) => {
    const home = await mkdtemp(join(tmpdir(), "magnets-test-"));
    const alldebrid = await startAllDebrid({
      clock: standingClock(),
      accounts: [
        { key: MAIN_KEY, username: "main" },
        { key: SPARE_KEY, username: "spare" },
      ],
    });
    const discord = await startDiscord();
    const running = new Set<Running>();
    const machine = createMachine({ home, alldebrid, discord, running });
    await machine.configure();
    await use(machine);
    for (const run of running) run.kill("SIGKILL");
    await Promise.all([...running].map((run) => run.finished));
    await Promise.all([alldebrid.close(), discord.close()]);
    await rm(home, { recursive: true, force: true });
  },
});

function createMachine(parts: {
  home: string;
  alldebrid: AllDebridSandbox;
  discord: DiscordSandbox;
  running: Set<Running>;
}): Machine {
  const { home, alldebrid, discord, running } = parts;
  const state = join(home, ".local/state/magnets");
  const write = async (name: string, content: unknown) => {
    const path = join(home, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, typeof content === "string" ? content : JSON.stringify(content), { mode: 0o600 });
    return path;
  };
  const start: Machine["start"] = (args, options) => {
    const env = { MAGNETS_API_URL: alldebrid.url, ...options?.env };
    const run = startMagnets(args, { home, ...options, env });
    running.add(run);
    run.finished.finally(() => running.delete(run));
    return run;
  };
  return {
    home,
    state,
    config: join(home, ".config/magnets/config.json"),
    alldebrid,
    discord,
    write,
    start,
    configure: async (settings) => {
      const usual = { api_keys: [{ name: "main", key: MAIN_KEY }], discord_webhook_url: discord.url };
      await write(".config/magnets/config.json", { ...usual, ...settings });
    },
    readState: async (name) => JSON.parse(await readFile(join(state, name), "utf8")),
    readDeletions: async () => {
      const text = await readFile(join(state, "deletions.jsonl"), "utf8").catch(() => "");
      const lines = text.split("\n").filter((line) => line !== "");
      return lines.map((line) => JSON.parse(line));
    },
    run: async (args, options) => {
      const finished = await start(args, options).finished;
      const token = new URL(discord.url).pathname.split("/").at(-1);
      for (const secret of [MAIN_KEY, SPARE_KEY, token]) {
        expect(finished.stdout + finished.stderr).not.toContain(secret);
      }
      expect(finished.stderr).not.toMatch(/^.*\n\s+at /m);
      return finished;
    },
  };
}
