import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { neverRecovers } from "../../examples/sandbox/magnet-life.ts";
import { MAIN_KEY, test } from "../support/machine.ts";
import { openStage, type Stage } from "./crash-scene.ts";
import { fuzzConfig, fuzzState } from "./fuzz.ts";
import { harmed, STATE } from "./fuzz-state.ts";

// Thousands more by `npm run test:torture`.
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe("whatever is harmed", () => {
  it("in state files, it is a sweep or an error in words", () => fuzzState(stage, 150));
  it("in a config, it is a config or a list of problems", () => fuzzConfig(500));
});

test("the executable shows no stack, whatever is in its files", async ({ machine }) => {
  machine.alldebrid.account(MAIN_KEY).add({ id: 1, life: neverRecovers(0) });
  const config = JSON.stringify({
    api_keys: [{ name: "main", key: MAIN_KEY }],
    max_retries: 3,
    log_level: "DEBUG",
  });
  const cases = fc.sample(
    fc.tuple(harmed(config), fc.constantFrom(...Object.keys(STATE)), fc.infiniteStream(fc.nat())),
    12,
  );
  for (const [text, name, numbers] of cases) {
    const harmedFile =
      fc.sample(harmed(STATE[name] ?? ""), { numRuns: 1, seed: numbers.next().value })[0] ?? "";
    for (const [file, content] of [
      ["config.json", text],
      ["unharmed.json", config],
    ] as const) {
      await machine.write(`.config/magnets/${file}`, content);
    }
    await machine.write(`.local/state/magnets/${name}`, harmedFile);
    for (const file of ["config.json", "unharmed.json"]) {
      for (const args of [["run-once"], ["status"]]) {
        // It fails by itself when there is a stack.
        const { code, stderr } = await machine.run([...args, "--config", `.config/magnets/${file}`]);
        expect([0, 1, 2, 3], stderr).toContain(code);
        expect(stderr).not.toContain("this is a bug");
      }
    }
  }
}, 60_000);
