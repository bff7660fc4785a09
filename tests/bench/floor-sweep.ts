import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { Chalk } from "chalk";
import { Command } from "commander";
import ky from "ky";
import stringWidth from "string-width";
import * as v from "valibot";
import { createFetch } from "../../src/http/fetch.ts";

// The least that a quiet sweep could be with the same libraries, the same HTTP and the same files: configuration and
// state read, flock, two lists at once, one file saved as safely, a line printed. It decides nothing and knows no failure.

const Config = v.object({ api_keys: v.array(v.string()), discord_webhook_url: v.string() });
const Magnets = v.object({ status: v.literal("success"), data: v.object({ magnets: v.array(v.unknown()) }) });
const STATE = ["retry_counts.json", "intents.json", "deletions.jsonl", "outbox.json", "accounts.json"];

async function sweep({ stateDir }: { stateDir: string }): Promise<void> {
  const config = v.parse(Config, JSON.parse(readFileSync("config.json", "utf8")));
  const lock = openSync(`${stateDir}/lock`, "w", 0o600);
  const flock = spawn("flock", ["--nonblock", "3"], { stdio: ["ignore", "ignore", "ignore", lock] });
  await once(flock, "exit");
  for (const file of STATE) {
    if (existsSync(`${stateDir}/${file}`)) readFileSync(`${stateDir}/${file}`, "utf8");
  }
  const api = ky.create({
    prefixUrl: process.env.MAGNETS_API_URL ?? "",
    headers: { authorization: `Bearer ${config.api_keys[0]}` },
    fetch: createFetch(),
  });
  const list = async (status: string) => {
    const body = new URLSearchParams({ status });
    return v.parse(Magnets, await api.post("v4.1/magnet/status", { body }).json()).data.magnets.length;
  };
  const failing = await Promise.all([list("expired"), list("error")]);
  save(stateDir, "sweeps.json", { finished_at: new Date(), failing });
  const line = `Sweep of 1 account: ${failing.join(" and ")} failing`;
  if (stringWidth(line) < 80) writeSync(1, `${new Chalk({ level: 0 }).bold(line)}\n`);
}

function save(folder: string, name: string, content: unknown): void {
  const file = openSync(`${folder}/${name}.new`, "w", 0o600);
  writeSync(file, JSON.stringify(content));
  fsyncSync(file);
  closeSync(file);
  renameSync(`${folder}/${name}.new`, `${folder}/${name}`);
  const handle = openSync(folder, "r");
  fsyncSync(handle);
  closeSync(handle);
}

new Command("magnets")
  .addCommand(new Command("run-once").option("--state-dir <dir>").action(sweep))
  .parseAsync()
  // Connections are kept alive.
  .then(() => process.exit());
