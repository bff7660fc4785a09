import { existsSync, readFileSync, writeSync } from "node:fs";
import { Chalk } from "chalk";
import { Command } from "commander";
import stringWidth from "string-width";
import * as v from "valibot";

// The least that `status` could be with the same libraries and the same files: configuration and state read, the
// counters checked and printed, padded and coloured. It decides nothing and knows no failure.

const Config = v.object({ api_keys: v.array(v.string()), discord_webhook_url: v.string() });
const Counters = v.record(v.string(), v.looseObject({ fails: v.number(), filename: v.string() }));
const STATE = ["intents.json", "outbox.json", "accounts.json", "sweeps.json", "deletions.jsonl"];

function status({ stateDir }: { stateDir: string }): void {
  const { api_keys } = v.parse(Config, JSON.parse(readFileSync("config.json", "utf8")));
  const counters = v.parse(Counters, JSON.parse(readFileSync(`${stateDir}/retry_counts.json`, "utf8")));
  for (const file of STATE) {
    if (existsSync(`${stateDir}/${file}`)) readFileSync(`${stateDir}/${file}`, "utf8");
  }
  const { red } = new Chalk({ level: 0 });
  const lines = Object.entries(counters).map(([id, { fails, filename }]) => {
    const padding = " ".repeat(Math.max(0, 60 - stringWidth(filename)));
    return `${red(String(fails))} ${filename}${padding} ${id}\n`;
  });
  writeSync(1, `${api_keys.length} account\n${lines.join("")}`);
}

new Command("magnets").addCommand(new Command("status").option("--state-dir <dir>").action(status)).parse();
