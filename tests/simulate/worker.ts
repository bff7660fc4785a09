import { runStory } from "./run-story.ts";

// One of the processes that tell stories: a seed comes in, what came of its story goes out.

process.on("message", async (seed: number) => {
  process.send?.(await runStory(seed, false));
});
