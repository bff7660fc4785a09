import { readFileSync } from "node:fs";
import { spareMemory } from "../../src/commands/spare-memory.ts";
import { countSighting, type Sighting } from "../../src/core/sighting.ts";
import { openStore } from "../../src/state/store.ts";

// Loads the state of the folder named on the command line, counts one more sighting of each magnet in it and
// saves; says how long that took and how much it wrote. Bundled and run in a process of its own.
const [, , folder = ""] = process.argv;

const written = () =>
  Number(/^wchar: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1] ?? Number.NaN);

async function main(): Promise<void> {
  // As a sweep does.
  spareMemory();
  const before = written();
  const startedAt = performance.now();
  const store = await openStore({ folder, mode: "write", now: () => new Date() });
  const now = new Date();
  for (const [id, record] of store.counters) {
    const sighting: Sighting = { magnet: { id }, statuses: ["error"] } as Sighting;
    const context = { account: record.account ?? "", status: "error", now, longestGapSeconds: 3600 } as const;
    store.counters.set(id, countSighting(record, sighting, context));
  }
  await store.saveCounters();
  const ms = performance.now() - startedAt;
  process.stdout.write(JSON.stringify({ ms, bytes: written() - before }));
}

void main();
