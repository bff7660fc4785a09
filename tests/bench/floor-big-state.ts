import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";

// The least that load, count and save could be for the file as it is: parsed as a whole, every counter raised, made
// into text as a whole and saved. It checks nothing and keeps no second copy out of memory.
const [, , folder = ""] = process.argv;
const path = `${folder}/retry_counts.json`;

const startedAt = performance.now();
const counters: Record<string, { fails: number }> = JSON.parse(readFileSync(path, "utf8"));
for (const id in counters) {
  const counter = counters[id];
  if (counter) counter.fails++;
}
const file = openSync(`${path}.new`, "w");
writeSync(file, JSON.stringify(counters));
fsyncSync(file);
closeSync(file);
renameSync(`${path}.new`, path);
process.stdout.write(JSON.stringify({ ms: performance.now() - startedAt, bytes: 0 }));
