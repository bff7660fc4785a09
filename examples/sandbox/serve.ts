#!/usr/bin/env -S npx tsx
import { parseArgs } from "node:util";
import { startAllDebrid } from "./alldebrid.ts";
import { startArr } from "./arr.ts";
import { runningClock } from "./clock.ts";
import { startDiscord } from "./discord.ts";
import { livelyMagnets } from "./lively-magnets.ts";
import { MISBEHAVIOURS } from "./misbehaviours.ts";

const usage = `Starts fakes of AllDebrid, Discord and Sonarr on loopback, for trying the program by hand.

  npx tsx examples/sandbox/serve.ts [options]

  --port-alldebrid <n>   default: any free port
  --port-discord <n>     default: any free port
  --port-sonarr <n>      default: any free port
  --speed <n>            AllDebrid's clock runs n times as fast as yours (1)
  --latency <ms>         time taken over each request (0)
  --misbehave <names>    what AllDebrid does wrong, from the start, separated by commas:

${Object.entries(MISBEHAVIOURS)
  .map(([name, { what }]) => `    ${name.padEnd(21)}${what}`)
  .join("\n")}`;

const { values } = parseArgs({
  options: {
    "port-alldebrid": { type: "string", default: "0" },
    "port-discord": { type: "string", default: "0" },
    "port-sonarr": { type: "string", default: "0" },
    speed: { type: "string", default: "1" },
    latency: { type: "string", default: "0" },
    misbehave: { type: "string", default: "" },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) {
  console.log(usage);
} else {
  await serve();
}

/** Runs until SIGINT or SIGTERM. */
async function serve(): Promise<void> {
  const latencyMs = Number(values.latency);
  const inFiveDays = new Date(Date.now() + 5 * 86_400_000);
  const alldebrid = await startAllDebrid({
    port: Number(values["port-alldebrid"]),
    latencyMs,
    clock: runningClock(Number(values.speed)),
    accounts: [
      { key: "sandbox-key-main", username: "main", magnets: livelyMagnets() },
      { key: "sandbox-key-spare", username: "spare", premiumUntil: inFiveDays, magnets: livelyMagnets() },
    ],
  });
  for (const name of values.misbehave.split(",").filter(Boolean)) {
    const misbehaviour = MISBEHAVIOURS[name];
    if (!misbehaviour) throw new Error(`--misbehave ${name}: there is no such misbehaviour, see --help`);
    misbehaviour.start(alldebrid);
  }
  for (const magnet of livelyMagnets()) alldebrid.account("staticDemoApikeyPrem").add(magnet);
  const discord = await startDiscord({ port: Number(values["port-discord"]), latencyMs });
  const sonarr = await startArr({ port: Number(values["port-sonarr"]), latencyMs });
  const grabbed = new Set(alldebrid.accounts.flatMap((account) => account.magnets().map(({ hash }) => hash)));
  for (const hash of grabbed) sonarr.grabbed({ hash: hash ?? "" });
  const arrs = [{ name: "sonarr", url: sonarr.url, api_key: sonarr.key }];
  console.log(`export MAGNETS_API_URL=${alldebrid.url}
export MAGNETS_API_KEYS=${alldebrid.accounts.map((account) => account.key).join(",")}
export MAGNETS_DISCORD_WEBHOOK_URL=${discord.url}`);
  console.error("Running. Paste the lines above into another terminal; Ctrl-C stops.");
  console.error(
    `Sonarr grabbed all of these magnets. To have it told, use a config with: ${JSON.stringify({ arrs })}`,
  );

  const stop = async () => {
    await Promise.all([alldebrid.close(), discord.close(), sonarr.close()]);
    const seen = `${alldebrid.requests.length} requests to AllDebrid, at most ${alldebrid.peak.second} in a second`;
    console.error(
      `${seen}; ${discord.messages.length} messages to Discord; ${sonarr.marked.length} releases marked as failed`,
    );
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
}
