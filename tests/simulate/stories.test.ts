import { expect, test } from "vitest";
import { runStory } from "./run-story.ts";

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

test("no story breaks a rule", async () => {
  for (const seed of SEEDS) {
    const { violations } = await runStory(seed, false);
    expect(violations, `npm run simulate -- --seed ${seed} --log`).toEqual([]);
  }
}, 60_000);

test("a seed tells the same story each time", async () => {
  const [first, second] = [await runStory(8, true), await runStory(8, true)];
  expect(second.log).toEqual(first.log);
  expect(first.log.length).toBeGreaterThan(100);
});
