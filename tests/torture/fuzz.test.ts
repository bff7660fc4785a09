import { afterAll, beforeAll, it } from "vitest";
import { openStage, type Stage } from "../promises/crash-scene.ts";
import { fuzzConfig, fuzzState } from "../promises/fuzz.ts";
import { amount } from "./amount.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

it("thousands of harmed state folders", () => fuzzState(stage, amount(1_000, 20_000)));
it("thousands of harmed configs", () => fuzzConfig(amount(2_000, 100_000)));
