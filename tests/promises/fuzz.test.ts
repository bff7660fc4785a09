import { afterAll, beforeAll, describe, it } from "vitest";
import { test } from "../support/machine.ts";
import { fuzzConfig, fuzzExecutable, fuzzState } from "./fuzz.ts";
import { openStage, type Stage } from "./stage.ts";

// Thousands more by `npm run test:torture`.
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe("whatever is harmed", () => {
  it("in state files, it is a sweep or an error in words", () => fuzzState(stage, 100));
  it("in a config, it is a config or a list of problems", () => fuzzConfig(500));
});

test("the executable shows no stack, whatever is in its files", ({ machine }) => fuzzExecutable(machine, 4));
