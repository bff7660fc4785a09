import { expect, test } from "vitest";
import type { Rule } from "./rules.ts";
import { runStory } from "./run-story.ts";

/** Rules that the program does not keep yet. */
const NOT_YET: readonly Rule[] = [
  "deleted before max_retries failures in a row",
  "deleted without a real chance",
  "deleted after a gap without a chance",
  "deleted before min_failing_hours",
  "deleted without being asked for by id",
  "deleted though not failing",
  "deleted though the id is another torrent's",
  "done before it was counted on disk",
  "restarted though the cap holds it",
  "counted more often than seen",
  "counter lost",
  "not recorded",
  "not announced",
  "recorded, never happened",
  "recorded twice",
  "announced twice",
  "stuck",
  "more than 12 requests in a second",
  "held up by another account's trouble",
];

const SEEDS = Array.from({ length: 10 }, (_, index) => index + 1);

test("no story breaks a rule", async () => {
  for (const seed of SEEDS) {
    const { violations } = await runStory(seed, false);
    expect(
      violations.filter(({ rule }) => !NOT_YET.includes(rule)),
      `npm run simulate -- --seed ${seed} --log`,
    ).toEqual([]);
  }
}, 60_000);

test("a seed tells the same story each time", async () => {
  const [first, second] = [await runStory(8, true), await runStory(8, true)];
  expect(second.log).toEqual(first.log);
  expect(first.log.length).toBeGreaterThan(100);
});
