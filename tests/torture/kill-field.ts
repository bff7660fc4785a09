import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect } from "vitest";
import { startAllDebrid } from "../../examples/sandbox/alldebrid.ts";
import { standingClock } from "../../examples/sandbox/clock.ts";
import { startDiscord } from "../../examples/sandbox/discord.ts";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { NODE } from "../support/start-magnets.ts";

const ROOT = join(import.meta.dirname, "../..");
const MAX_RETRIES = 2;
const PER_ROUND = 6;

/** A copy of the executable, so that a build in between changes nothing. */
let program: string;
beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), "magnets-program-"));
  for (const part of ["bin", "dist"]) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  writeFileSync(join(folder, "package.json"), '{"type":"module"}');
  program = join(folder, "bin/magnets.js");
});
afterAll(() => rmSync(join(program, "../.."), { recursive: true }));

type Ended = { code: number | null; stderr: string };

/** Two accounts that fill up with failing magnets, and a program that is killed again and again. */
export async function openField() {
  const clock = standingClock();
  const accounts = [{ key: "key-of-the-first-one" }, { key: "key-of-the-second-one" }];
  const alldebrid = await startAllDebrid({ rateLimit: false, clock, accounts });
  const discord = await startDiscord({ rateLimit: false });
  const home = mkdtempSync(join(tmpdir(), "magnets-kill-"));
  const state = join(home, "state");
  const config = {
    api_keys: accounts.map(({ key }) => key),
    discord_webhook_url: discord.url,
    max_retries: MAX_RETRIES,
    max_deletes_per_run: 0,
    state_dir: state,
  };
  writeFileSync(join(home, "config.json"), JSON.stringify(config), { mode: 0o600 });
  mkdirSync(state);
  let nextId = 1000;
  return {
    alldebrid,
    discord,
    state,
    /** More failing magnets; those restarted before fail again. */
    round(): void {
      clock.advance(30 * 60_000);
      for (const account of alldebrid.accounts) {
        for (let n = 0; n < PER_ROUND / 2; n++) account.add({ id: nextId++, life: neverRecovers(5) });
      }
    },
    /** Runs a sweep; `wrapper` is a command to run it with, `killAfterMs` kills it then, if it still runs. */
    async sweep(how: { wrapper?: readonly string[]; killAfterMs?: number } = {}): Promise<Ended> {
      const { wrapper = [], killAfterMs } = how;
      // The run after a killed one sends nothing for a minute after its last sign of life; here, that is long ago.
      rmSync(join(state, "running.json"), { force: true });
      const [command = NODE, ...args] = [...wrapper, NODE, program, "run-once"];
      const env = {
        PATH: process.env.PATH,
        HOME: home,
        MAGNETS_API_URL: alldebrid.url,
        UV_THREADPOOL_SIZE: "1",
      };
      const child = spawn(command, [...args, "--config", join(home, "config.json")], {
        env,
        stdio: ["ignore", "ignore", "pipe"],
      });
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => {
        stderr += text;
      });
      const closed = once(child, "close");
      if (killAfterMs !== undefined) {
        await Promise.race([sleep(killAfterMs), closed]);
        child.kill("SIGKILL");
      }
      const [code] = await closed;
      return { code, stderr };
    },
    deleted: () => alldebrid.accounts.flatMap((account) => account.deletions.map(({ magnet }) => magnet)),
    recorded: () => lines(join(state, "deletions.jsonl")),
    announced: () =>
      discord.embeds.map((embed) => embed.fields?.find(({ name }) => name === "ID")?.value ?? ""),
    async close(): Promise<void> {
      await Promise.all([alldebrid.close(), discord.close()]);
      rmSync(home, { recursive: true });
    },
  };
}

type Field = Awaited<ReturnType<typeof openField>>;

/** The whole lines that are JSON; a torn one is skipped, as the program does. */
function lines(path: string): { id: string }[] {
  try {
    const all = readFileSync(path, "utf8").split("\n");
    return all.flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

/** What holds at every moment, whenever it was killed. */
export function check({ state, deleted, recorded, announced, alldebrid }: Field, where: string): void {
  const files = readdirSync(state).filter((name) => name.endsWith(".json"));
  const parsed = Object.fromEntries(
    files.map((name) => [name, JSON.parse(readFileSync(join(state, name), "utf8"))]),
  );
  const gone = new Set(deleted().map(({ id }) => String(id)));
  const known = new Set([
    ...recorded().map(({ id }) => id),
    ...(parsed["intents.json"]?.intents ?? []).map(({ id }: { id: string }) => id),
  ]);
  for (const id of gone) expect(known.has(id), `${where}: the deletion of ${id} is on disk`).toBe(true);
  for (const { id } of recorded()) expect(gone.has(id), `${where}: ${id} is recorded`).toBe(true);
  for (const id of announced()) expect(gone.has(id), `${where}: ${id} is announced`).toBe(true);
  // Deleted at the second sighting: so it was restarted at the first, and counted at both.
  for (const magnet of deleted())
    expect(magnet.restarts, `${where}: restarts of ${magnet.id}`).toBeGreaterThan(0);
  const counters = parsed["retry_counts.json"] ?? {};
  for (const magnet of alldebrid.accounts.flatMap((account) => account.magnets())) {
    if (magnet.restarts === 0) continue;
    expect(counters[magnet.id]?.fails, `${where}: counter of ${magnet.id}`).toBeGreaterThanOrEqual(1);
  }
  expect(
    readdirSync(state).filter((name) => name.includes("corrupt")),
    where,
  ).toEqual([]);
}

/** Undisturbed sweeps until nothing is left to do; then all is told. */
export async function settle(field: Field): Promise<void> {
  for (let n = 0; n < MAX_RETRIES + 2; n++) {
    const { code, stderr } = await field.sweep();
    expect(code, stderr).toBe(0);
    check(field, "settling");
    field.alldebrid.clock.advance(30 * 60_000);
  }
  expect(field.alldebrid.accounts.flatMap((account) => account.magnets())).toEqual([]);
  const deleted = field.deleted().map(({ id }) => String(id));
  expect(new Set(field.announced())).toEqual(new Set(deleted));
  expect(
    field
      .recorded()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(deleted.sort());
  expect(JSON.parse(readFileSync(join(field.state, "retry_counts.json"), "utf8"))).toEqual({});
  expect(readdirSync(field.state).filter((name) => name.endsWith(".tmp"))).toEqual([]);
}

/** What a file holds; `otherwise` where there is none. */
export function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return otherwise;
  }
}
