import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { renderEntry } from "./log.ts";
import { runStory, type StoryResult } from "./run-story.ts";
import { Tally } from "./tally.ts";

// npm run simulate -- --sweeps N --seed S: stories from seed S on until there were N sweeps; --jobs at a time.
// With --log the story of seed S alone, line by line.

const { values } = parseArgs({
  options: {
    sweeps: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
    jobs: { type: "string", default: String(availableParallelism()) },
    log: { type: "boolean", default: false },
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
  for (const seed of tally.worstSeeds(3)) await printExcerpt(seed);
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
      const tell = (seed: number) =>
        new Promise<StoryResult>((resolve, reject) => {
          child.once("message", (result) => resolve(result as StoryResult));
          child.once("exit", () =>
            reject(new Error(`the process that told the story of seed ${seed} ended`)),
          );
          child.send(seed);
        });
      while (tally.sweeps < sweeps) tally.add(await tell(nextSeed++));
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
