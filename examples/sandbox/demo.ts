#!/usr/bin/env -S npx tsx
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { isDeepStrictEqual } from "node:util";
import { type AllDebridSandbox, startAllDebrid } from "./alldebrid.ts";
import { type ArrSandbox, startArr } from "./arr.ts";
import { standingClock } from "./clock.ts";
import {
  DEMO_ACCOUNTS,
  DEMO_CYCLES,
  DEMO_GRABBED,
  DEMO_RULES,
  DEMO_TRACKED,
  type DemoCycle,
} from "./demo-scenario.ts";
import { block, describeAccounts, describeEmbed, describeLog, heading, paragraph } from "./demo-screen.ts";
import { type DiscordSandbox, startDiscord } from "./discord.ts";
import type { PostedEmbed } from "./discord-webhook.ts";

const HALF_AN_HOUR = 30 * 60_000;
/** The fake's rate limit counts real seconds, and sweeps half an hour apart share none. */
const BETWEEN_CYCLES_MS = 1_100;
const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** What a run of the program left. */
type Finished = { code: number | null; stdout: string; stderr: string };
type Program = (...args: string[]) => Promise<Finished>;

const stopped = new AbortController();
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const) {
  process.once(signal, () => {
    process.exitCode = code;
    stopped.abort();
  });
}

// A reader that goes away early (`npm run demo | head`) ends it, too.
process.stdout.on("error", () => stopped.abort());

if (existsSync(join(ROOT, "dist/cli.cjs"))) {
  await demonstrate().catch((error: unknown) => {
    if (stopped.signal.aborted) return;
    process.exitCode = 1;
    console.error(
      `\nThis is not what should have happened:\n${error instanceof Error ? error.message : error}`,
    );
  });
} else {
  process.exitCode = 1;
  console.error("The program is not built yet. Build it first: npm run build");
}

/** Starts the fakes, plays the scenario, and takes everything away again, however it ends. */
async function demonstrate(): Promise<void> {
  const alldebrid = await startAllDebrid({ clock: standingClock(), accounts: DEMO_ACCOUNTS });
  const discord = await startDiscord();
  const sonarr = await startArr();
  for (const account of alldebrid.accounts) {
    for (const { hash, filename } of account.magnets()) {
      if (DEMO_GRABBED.includes(filename)) sonarr.grabbed({ hash: hash ?? "" });
    }
  }
  const folder = await mkdtemp(join(tmpdir(), "magnets-demo-"));
  try {
    const magnets = await install(folder, { alldebrid, discord, sonarr });
    heading("magnets, in front of a fake AllDebrid, a fake Discord and a fake Sonarr");
    paragraph(
      "Two accounts, six sweeps half an hour apart. The fakes' clock jumps from sweep to sweep; yours does not, so " +
        "times below are counted in seconds.",
    );
    for (const [index, cycle] of DEMO_CYCLES.entries()) {
      heading(`Cycle ${index + 1} of ${DEMO_CYCLES.length}${index === 0 ? "" : ", half an hour later"}`);
      await play(cycle, { alldebrid, discord, sonarr, magnets });
      alldebrid.clock.advance(HALF_AN_HOUR);
      await pause(BETWEEN_CYCLES_MS, undefined, { signal: stopped.signal });
    }
    await conclude({ alldebrid, sonarr, magnets });
  } finally {
    await Promise.all([alldebrid.close(), discord.close(), sonarr.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes a configuration and returns the built program, set up to use it and nothing of yours. */
async function install(
  folder: string,
  { alldebrid, discord, sonarr }: Omit<World, "magnets">,
): Promise<Program> {
  const config = {
    api_keys: DEMO_ACCOUNTS.map(({ username, key }) => ({ name: username, key })),
    discord_webhook_url: discord.url,
    arrs: [{ name: "sonarr", url: sonarr.url, api_key: sonarr.key }],
    state_dir: "state",
    ...DEMO_RULES,
  };
  await writeFile(join(folder, "config.json"), JSON.stringify(config), { mode: 0o600 });
  const env = { PATH: process.env.PATH, HOME: folder, MAGNETS_API_URL: alldebrid.url };
  return async (...args) => {
    const argv = [join(ROOT, "bin/magnets.js"), ...args, "--config", join(folder, "config.json")];
    const child = spawn(process.execPath, argv, { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
    const kill = () => child.kill("SIGKILL");
    stopped.signal.addEventListener("abort", kill, { once: true });
    const [stdout, stderr] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, "close"),
    ]);
    stopped.signal.removeEventListener("abort", kill);
    stopped.signal.throwIfAborted();
    return { code: child.exitCode, stdout, stderr };
  };
}

type World = {
  alldebrid: AllDebridSandbox;
  discord: DiscordSandbox;
  sonarr: ArrSandbox;
  magnets: Program;
};

/** Runs one sweep, shows it, and checks it against the fakes' own books. */
async function play(cycle: DemoCycle, { alldebrid, discord, sonarr, magnets }: World): Promise<void> {
  paragraph(cycle.story);
  cycle.before?.(alldebrid);
  block("At AllDebrid, before the sweep", describeAccounts(alldebrid));

  const all = alldebrid.accounts.flatMap((account) => account.magnets());
  const restarts = new Map(all.map((magnet) => [magnet, magnet.restarts]));
  const deletions = alldebrid.accounts.map((account) => account.deletions.length);
  const told = discord.embeds.length;
  const marked = sonarr.marked.length;
  const run = await magnets("run-once");
  block("$ magnets run-once", [
    ...describeLog(run.stderr),
    ...run.stdout.trimEnd().split("\n"),
    `exit code ${run.code}`,
  ]);
  const embeds = discord.embeds.slice(told);
  block("On Discord", embeds.flatMap(describeEmbed));

  const deleted = alldebrid.accounts.flatMap((account, i) => account.deletions.slice(deletions[i]));
  const byProgram = deleted.filter(({ by }) => by === "api").map(({ magnet }) => magnet);
  const restarted = all.filter((magnet) => magnet.restarts > (restarts.get(magnet) ?? 0));
  const announcedIds = embeds.map(idOf).filter((id) => id !== undefined);
  const alerts = embeds.filter((embed) => idOf(embed) === undefined).map(({ title }) => title);
  const names = (list: readonly { filename: string }[]) => list.map(({ filename }) => filename).sort();
  check("the exit code", run.code, cycle.exitCode);
  check("restarted", names(restarted), [...cycle.restarted].sort());
  check("deleted", names(byProgram), [...cycle.deleted].sort());
  check("announced", announcedIds.sort(), byProgram.map(({ id }) => String(id)).sort());
  const { alerted = [] } = cycle;
  const asAlerted = alerts.length === alerted.length && alerted.every((name, i) => alerts[i]?.includes(name));
  const failed = all.filter(({ hash }) => sonarr.marked.slice(marked).some((each) => each.hash === hash));
  const grabbed = cycle.deleted.filter((name) => DEMO_GRABBED.includes(name));
  check("marked as failed in Sonarr", names(failed), grabbed.sort());
  check("alerts", asAlerted ? alerted : alerts, alerted);
}

/** The magnet that an embed speaks of, if it speaks of one. */
function idOf({ fields = [] }: PostedEmbed): string | undefined {
  return fields.find(({ name }) => name === "ID")?.value;
}

/** Shows what is still tracked, and checks it and the fakes' complaints. */
async function conclude({ alldebrid, sonarr, magnets }: Omit<World, "discord">): Promise<void> {
  heading("What is left");
  block("$ magnets status", (await magnets("status")).stdout.trimEnd().split("\n"));
  const { stdout } = await magnets("status", "--json");
  const { magnets: tracked }: { magnets: { filename: string; fails: number }[] } = JSON.parse(stdout);
  check("tracked", Object.fromEntries(tracked.map(({ filename, fails }) => [filename, fails])), DEMO_TRACKED);
  check("AllDebrid was asked too often", alldebrid.peak.second > 12, false);
  check("called as AllDebrid must not be", alldebrid.violations, []);
  check("Sonarr was called as it must not be", sonarr.violations, []);
  const requests = `${alldebrid.requests.length} requests, at most ${alldebrid.peak.second} in any second (12 are allowed)`;
  block("AllDebrid counted", [requests]);
  console.log("\nAll of it went as it should. Nothing was left on this machine.");
}

/** Ends the demo when what happened is not what the scenario says. */
function check(what: string, happened: unknown, expected: unknown): void {
  if (isDeepStrictEqual(happened, expected)) return;
  throw new Error(`${what}: ${JSON.stringify(happened)}, expected ${JSON.stringify(expected)}`);
}
