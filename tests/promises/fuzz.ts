import fc from "fast-check";
import { expect } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { ConfigError } from "../../src/config/problems.ts";
import { StateError } from "../../src/errors.ts";
import { openStore } from "../../src/state/store.ts";
import { configFolder, KEY, WEBHOOK } from "../config/config-folder.ts";
import { DiskModel } from "../simulate/disk-model.ts";
import { MAIN_KEY, type Machine } from "../support/machine.ts";
import { harmed, STATE } from "./fuzz-state.ts";
import type { Stage } from "./stage.ts";
import { sweepWorld } from "./world.ts";

let scenes = 0;

/** Sweeps on state folders of which one file or several are harmed: each is a sweep or an error in words. */
export async function fuzzState(stage: Stage, runs: number): Promise<void> {
  const files = fc.record(
    Object.fromEntries(
      Object.entries(STATE).map(([name, text]) => [
        name,
        fc.oneof({ weight: 2, arbitrary: fc.constant(text) }, { weight: 1, arbitrary: harmed(text) }),
      ]),
    ),
  );
  const run = async (state: Record<string, string>) => {
    const n = ++scenes;
    stage.alldebrid.requests.length = 0;
    const account = stage.alldebrid.addAccount({
      key: `fuzz-key-${n}`,
      username: `fuzz-${n}`,
      magnets: [1, 2, 3].map((id) => ({ id, life: neverRecovers(0) })),
    });
    const disk = new DiskModel();
    for (const [name, text] of Object.entries(state)) disk.put(name, text);
    const options = {
      fs: disk,
      folder: disk.folder,
      accounts: [account],
      webhook: stage.discord.addWebhook(),
    };
    try {
      await sweepWorld(stage.alldebrid, options);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      expect(error.message).toMatch(/^[^\n]+(update this one)$/);
      for (const [name, text] of Object.entries(state)) expect(disk.text(name)).toBe(text);
      return;
    }
    // What was damaged was kept, and is met no second time.
    const store = await openStore({ fs: disk, folder: disk.folder, mode: "read", now: () => new Date() });
    expect(store.problems).toEqual([]);
    const whole = Object.entries(state).filter(
      ([name, text]) => text === STATE[name] && name.endsWith(".json"),
    );
    for (const [name] of whole) expect(disk.names().join()).not.toContain(`${name}.corrupt`);
    await sweepWorld(stage.alldebrid, options);
  };
  await fc.assert(fc.asyncProperty(files, run), { numRuns: runs });
}

const CONFIG = JSON.stringify({
  api_keys: [KEY, { name: "second", key: `${KEY}2` }],
  max_retries: { expired: 3, error: 5 },
  min_failing_hours: 1.5,
  max_deletes_per_run: 100,
  protect: ["*.iso", "123"],
  discord_webhook_url: WEBHOOK,
  healthcheck_url: "https://hc-ping.com/00000000-0000-4000-8000-000000000000",
  cycle_seconds: 1800,
  log_level: "INFO",
  language: "fr",
  state_dir: "state",
  retry_counts_path: "counts.json",
  _note: "mine",
});

/** Loads configs that are harmed: each is a config or a list of problems, a line each, without a secret. */
export async function fuzzConfig(runs: number): Promise<void> {
  const folder = await configFolder(CONFIG);
  const run = async (text: string) => {
    await folder.write("config.json", Buffer.from(text));
    const loaded = await folder.load().catch((error: unknown) => {
      if (!(error instanceof ConfigError)) throw error;
      expect(error.problems.length).toBeGreaterThan(0);
      for (const line of error.problems) expect(line).toMatch(/^[^\p{Cc}]+$/u);
      expect(error.message).not.toContain(KEY);
      return undefined;
    });
    if (loaded) expect(loaded.config.maxRetries.error).toBeGreaterThanOrEqual(1);
  };
  await fc.assert(fc.asyncProperty(harmed(CONFIG), run), { numRuns: runs });
}

/** Runs the executable on files that are harmed: it sweeps, shows, or says in words what is wrong. */
export async function fuzzExecutable(machine: Machine, runs: number): Promise<void> {
  machine.alldebrid.account(MAIN_KEY).add({ id: 1, life: neverRecovers(0) });
  const config = JSON.stringify({
    api_keys: [{ name: "main", key: MAIN_KEY }],
    max_retries: 3,
    log_level: "DEBUG",
  });
  const cases = fc.sample(
    fc.tuple(harmed(config), fc.constantFrom(...Object.keys(STATE)), fc.infiniteStream(fc.nat())),
    runs,
  );
  for (const [text, name, numbers] of cases) {
    const harmedFile =
      fc.sample(harmed(STATE[name] ?? ""), { numRuns: 1, seed: numbers.next().value })[0] ?? "";
    for (const [file, content] of [
      ["config.json", text],
      ["unharmed.json", config],
    ] as const) {
      await machine.write(`.config/magnets/${file}`, content);
    }
    await machine.write(`.local/state/magnets/${name}`, harmedFile);
    for (const file of ["config.json", "unharmed.json"]) {
      for (const args of [["run-once"], ["status"]]) {
        // It fails by itself when there is a stack.
        const { code, stderr } = await machine.run([...args, "--config", `.config/magnets/${file}`]);
        expect([0, 1, 2, 3], stderr).toContain(code);
        expect(stderr).not.toContain("this is a bug");
      }
    }
  }
}
