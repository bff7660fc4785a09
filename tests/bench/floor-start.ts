import { readFileSync, writeSync } from "node:fs";
import { Command } from "commander";

// The least that `status` could be: a command line that commander parses, the counters read and printed.
new Command("magnets")
  .command("status")
  .option("--state-dir <dir>")
  .action(({ stateDir }) => {
    const counters: Record<string, { fails: number }> = JSON.parse(
      readFileSync(`${stateDir}/retry_counts.json`, "utf8"),
    );
    const lines = Object.entries(counters).map(([id, { fails }]) => `${id} ${fails}\n`);
    writeSync(1, lines.join(""));
  })
  .parent?.parse();
