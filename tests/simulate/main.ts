import { fork } from "node:child_process";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { renderEntry } from "./log.ts";
import { runStory, type StoryResult } from "./run-story.ts";
import { Tally } from "./tally.ts";

// npm run simulate -- --sweeps N --seed S: stories from seed S on until there were N sweeps; --jobs at a time.
// With --log the story of seed S alone, line by line; with --first until the first violation.

const { values } = parseArgs({
  options: {
    sweeps: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    log: { type: "boolean", default: false },
    first: { type: "boolean", default: false },
  },
});
const firstSeed = Number(values.seed);
const tally = new Tally(firstSeed);
const startedAt = performance.now();

if (values.log) {
  const result = await runStory(firstSeed, true);
  for (const entry of result.log) console.log(renderEntry(entry));
  for (const { rule, sweep, what } of result.violations)
    console.log(`VIOLATION in sweep ${sweep}: ${rule}: ${what}`);
  tally.add(result);
} else {
  await tellStories(Number(values.jobs), Number(values.sweeps));
  for (const seed of values.first ? [] : tally.worstSeeds(3)) await printExcerpt(seed);
}
for (const line of tally.render((performance.now() - startedAt) / 1000)) console.log(line);
if (tally.violations > 0) process.exitCode = 1;

/** Each process has its own clocks and timers, so that stories can be told at the same time. */
async function tellStories(jobs: number, sweeps: number): Promise<void> {
  let nextSeed = firstSeed;
  const worker = new URL("./worker.ts", import.meta.url);
  await Promise.all(
    Array.from({ length: jobs }, async () => {
      const child = fork(worker, { serialization: "advanced" });
      const ended = once(child, "exit").then(() => {
        throw new Error("a process that tells stories ended");
      });
      while (tally.sweeps < sweeps && !(values.first && tally.violations > 0)) {
        const told = once(child, "message");
        child.send(nextSeed++);
        const [result] = await Promise.race([told, ended]);
        tally.add(result as StoryResult);
      }
      ended.catch(() => {});
      child.disconnect();
    }),
  );
}

/** What a story says of the first thing that went wrong in it. */
async function printExcerpt(seed: number): Promise<void> {
  const { log, violations } = await runStory(seed, true);
  const [first] = violations;
  if (!first) return;
  console.log(`\nseed ${seed}, sweep ${first.sweep}: ${first.rule}: ${first.what}`);
  const id = /\d{9}/.exec(first.what)?.[0] ?? "#";
  const lines = log.filter(({ sweep }) => sweep <= first.sweep).map(renderEntry);
  for (const line of lines.filter((text) => text.includes(id) || text.includes("── ")).slice(-25)) {
    console.log(`  ${line.slice(0, 180)}`);
  }
}
