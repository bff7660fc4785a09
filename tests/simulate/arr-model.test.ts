import { beforeEach, expect, test } from "vitest";
import { ArrModel } from "./arr-model.ts";
import { RULES, type Rule } from "./rules.ts";

const HASH = "a".repeat(40);
const time = { now: 0 };
const files = new Map<string, string>();
let broken: Set<Rule>;
let arr: ArrModel;

beforeEach(() => {
  time.now = Date.UTC(2027, 0, 4);
  broken = new Set();
  files.clear();
  const text = (name: string) => files.get(name);
  const open = (seed: number): ArrModel => {
    const model = new ArrModel({
      seed,
      time,
      disk: { text, durableText: text },
      say: () => {},
      kill: () => {},
      violated: (rule) => broken.add(rule),
    });
    return model.isConfigured ? model : open(seed + 1);
  };
  arr = open(1);
  arr.nextSweep(true);
  arr.grabbed(HASH);
});

const ask = (path: string, method = "GET") =>
  arr.fetch(new Request(`http://sonarr.local/api/v3/${path}`, { method }));
const recorded = () => files.set("deletions.jsonl", `${JSON.stringify({ id: "400000001", hash: HASH })}\n`);

test("nothing is broken by a Sonarr that is told once, right after the deletion", async () => {
  recorded();
  await ask(`history?downloadId=${HASH.toUpperCase()}`);
  expect((await ask("history/failed/1", "POST")).status).toBe(200);
  expect((await ask("history/failed/9", "POST")).status).toBe(404);
  arr.finish();
  expect([...broken]).toEqual([]);
});

test("giving up after a week is no forgetting", () => {
  recorded();
  arr.heard('error sonarr: "Example" (400000001) could not be reported for a week and is given up');
  arr.finish();
  expect([...broken]).toEqual([]);
});

const BROKEN: readonly [Rule, () => unknown][] = [
  ["a Sonarr was told of what was not deleted", () => ask("history/failed/1", "POST")],
  [
    "a Sonarr was told twice",
    async () => {
      recorded();
      for (let n = 0; n < 2; n++) await ask("history/failed/1", "POST");
    },
  ],
  ["a Sonarr was not told", () => void recorded()],
  ["a Sonarr was not told", () => void files.set("arrs.json", '{"pending":[{}]}')],
  [
    "a Sonarr was asked for more than ten",
    async () => {
      for (let n = 0; n < 11; n++) await ask(`history?downloadId=${n}`);
    },
  ],
  [
    "held up by a Sonarr",
    async () => {
      await ask("system/status");
      time.now += 32_000;
      await ask("config/downloadclient");
    },
  ],
];

test.each(BROKEN)("%s", async (rule, work) => {
  await work();
  arr.finish();
  expect([...broken]).toContain(rule);
});

test("each of its rules is broken by one of these", () => {
  const own = RULES.filter((rule) => rule.includes("Sonarr"));
  expect(own.filter((rule) => !BROKEN.some(([each]) => each === rule))).toEqual([]);
});
