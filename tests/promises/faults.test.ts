import { afterAll, beforeAll, describe, it } from "vitest";
import { openStage, type Stage } from "./crash-scene.ts";
import { FAULTS } from "./fault-battery.ts";
import { meetFault } from "./meet-fault.ts";

// The other endpoints are gone through by `npm run test:torture`.
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

describe.each(["everything", "a deletion"])("%s met by", (endpoint) => {
  it.each(Object.keys(FAULTS))("%s", (fault) => meetFault(stage, endpoint, fault));
});
