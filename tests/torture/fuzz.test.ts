import { afterAll, beforeAll, it } from "vitest";
import { fuzzConfig, fuzzExecutable, fuzzState } from "../promises/fuzz.ts";
import { openStage, type Stage } from "../promises/stage.ts";
import { test } from "../support/machine.ts";
import { amount } from "./amount.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it("thousands of harmed state folders", () => fuzzState(stage, amount(1_000, 20_000)));
it("thousands of harmed configs", () => fuzzConfig(amount(2_000, 100_000)));
test("dozens of harmed folders, met by the executable", ({ machine }) =>
  fuzzExecutable(machine, amount(30, 1_000)));
