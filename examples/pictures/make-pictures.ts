import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type AllDebridSandbox, startAllDebrid } from "../sandbox/alldebrid.ts";
import { startArr } from "../sandbox/arr.ts";
import { standingClock } from "../sandbox/clock.ts";
import { startDiscord } from "../sandbox/discord.ts";
import { drawMessage } from "./draw-message.ts";
import { drawTerminal } from "./draw-terminal.ts";
import { fakeSystemd } from "./fake-systemd.ts";
import { readScreen } from "./read-screen.ts";
import { runInTerminal } from "./run-in-terminal.ts";
import { ACCOUNTS, BETWEEN_SWEEPS_MS, EPISODE, LATER_MS, NEXT_SWEEP, RULES, START, SWEEPS } from "./story.ts";

// npm run pictures: makes the SVG pictures beside this file anew, from runs of the built program against the
// sandbox. Times, ids and names are the story's, so that a picture changes only where the program does.

const COLUMNS = 98;
const ROWS = 48;
/** By so much the second account answers later than the first: their lines come in the same order each time. */
const ONE_AFTER_THE_OTHER_MS = 250;
/** The rate limits count real seconds: one run must not make the next wait, which would mix up its lines. */
const BETWEEN_RUNS_MS = 1_100;
const PROGRAM = fileURLToPath(new URL("../../bin/magnets.js", import.meta.url));
const CLOCK = fileURLToPath(new URL("./fixed-clock.cjs", import.meta.url));

const clock = standingClock(START);
const alldebrid = await startAllDebrid({ clock, accounts: ACCOUNTS });
const discord = await startDiscord();
const sonarr = await startArr({ now: clock.now });
/** Stands for /etc/magnets and is as long, so that lines break where they do on a server. */
const home = await mkdtemp("/tmp/m");
try {
  await writeConfig(ACCOUNTS, RULES);
  await fakeSystemd(join(home, "bin"), NEXT_SWEEP);

  const late = alldebrid.fault(({ key }) => key === ACCOUNTS[1]?.key, {
    kind: "delay",
    ms: ONE_AFTER_THE_OTHER_MS,
  });
  let sweep = await magnets("run-once");
  for (let count = 2; count <= SWEEPS; count += 1) {
    clock.advance(BETWEEN_SWEEPS_MS);
    await pause(BETWEEN_RUNS_MS);
    sweep = await magnets("run-once");
  }
  await save("sweep", terminal("magnets run-once", sweep, "A sweep over two accounts, in a terminal"));
  await save("discord", drawMessage(discord.messages.at(-1), clock.now()));

  clock.advance(LATER_MS);
  await save("status", terminal("magnets status", await magnets("status"), "magnets status, in a terminal"));
  late.remove();
  tellTime(alldebrid);
  await save("check", terminal("magnets check", await magnets("check"), "magnets check, in a terminal"));

  // Another machine, with an account of its own and a Sonarr.
  const { max_retries, ...account } = EPISODE;
  alldebrid.addAccount(account);
  for (const { hash } of account.magnets) sonarr.grabbed({ hash });
  const arrs = [{ name: "sonarr", url: sonarr.url, api_key: sonarr.key }];
  await writeConfig([account], { max_retries, arrs });
  for (let count = 1; count <= max_retries; count += 1) {
    clock.advance(BETWEEN_SWEEPS_MS);
    await pause(BETWEEN_RUNS_MS);
    await magnets("run-once", "var2");
  }
  await save("sonarr", drawMessage(discord.messages.at(-1), clock.now()));
} finally {
  await Promise.all([alldebrid.close(), discord.close(), sonarr.close()]);
  await rm(home, { recursive: true, force: true });
}

async function writeConfig(
  accounts: readonly { username: string; key: string }[],
  rules: Readonly<Record<string, unknown>>,
): Promise<void> {
  const api_keys = accounts.map(({ username, key }) => ({ name: username, key }));
  const config = { api_keys, discord_webhook_url: discord.url, ...rules };
  await writeFile(join(home, "config.json"), JSON.stringify(config), { mode: 0o600 });
}

/** Runs a command of the program in a terminal and returns what it wrote there, as a server would show it. */
async function magnets(command: string, state = "var"): Promise<string> {
  const env = {
    PATH: `${join(home, "bin")}${delimiter}${process.env.PATH}`,
    HOME: home,
    TZ: "UTC",
    MAGNETS_API_URL: alldebrid.url,
    MAGNETS_CONFIG: join(home, "config.json"),
    MAGNETS_STATE_DIR: join(home, state),
    PICTURE_TIME: String(clock.now()),
  };
  const argv = [process.execPath, "--require", CLOCK, PROGRAM, command];
  return withoutMachine(await runInTerminal(argv, { columns: COLUMNS, rows: ROWS, env }));
}

/** Puts what a server has in place of what only this machine has: folders, user, Node's version, speed. */
function withoutMachine(output: string): string {
  return output
    .replaceAll(join(home, "var"), "/var/lib/magnets")
    .replaceAll(home, "/etc/magnets")
    .replaceAll(`belongs to ${userInfo().username}`, "belongs to magnets")
    .replaceAll(`Node.js ${process.versions.node}`, "Node.js 20.19.2")
    .replaceAll(/ in \d+\.\d s: /g, " in 0.4 s: ");
}

/** AllDebrid's clock is the story's, too. */
function tellTime(sandbox: AllDebridSandbox): void {
  sandbox.fault("user", {
    kind: "handler",
    handle: (_, response, carryOut) => {
      const date = new Date(clock.now()).toUTCString();
      response.writeHead(200, { date, "content-type": "application/json" }).end(carryOut().body);
    },
  });
}

function terminal(command: string, output: string, description: string): string {
  const prompt = `\u001b[32m$\u001b[39m \u001b[1msudo ${command}\u001b[22m\n`;
  return drawTerminal({
    title: command,
    description,
    columns: COLUMNS,
    lines: readScreen(prompt + output, COLUMNS),
  });
}

async function save(name: string, svg: string): Promise<void> {
  const file = fileURLToPath(new URL(`./${name}.svg`, import.meta.url));
  await writeFile(file, svg);
  console.log(`${file}: ${svg.length} bytes`);
}
