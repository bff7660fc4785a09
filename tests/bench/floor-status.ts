import { readFileSync, writeSync } from "node:fs";
import { Command } from "commander";
import * as v from "valibot";

// The least that `status` could be with the same libraries and the same files: configuration and counters read,
// checked and printed.

const Config = v.object({ api_keys: v.array(v.string()), discord_webhook_url: v.string() });
const Counters = v.record(v.string(), v.looseObject({ fails: v.number(), filename: v.string() }));

new Command("magnets")
  .addCommand(
    new Command("status").option("--state-dir <dir>").action(({ stateDir }: { stateDir: string }) => {
      const { api_keys } = v.parse(Config, JSON.parse(readFileSync("config.json", "utf8")));
      const counters = v.parse(Counters, JSON.parse(readFileSync(`${stateDir}/retry_counts.json`, "utf8")));
      const lines = Object.entries(counters).map(
        ([id, { fails, filename }]) => `${id} ${fails} ${filename}\n`,
      );
      writeSync(1, `${api_keys.length} account\n${lines.join("")}`);
    }),
  )
  .parse();
