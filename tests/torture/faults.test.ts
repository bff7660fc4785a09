import { afterAll, beforeAll, describe, it } from "vitest";
import { openStage, type Stage } from "../promises/crash-scene.ts";
import { FAULTS } from "../promises/fault-battery.ts";
import { ENDPOINTS, meetFault } from "../promises/meet-fault.ts";

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

// The rest is done by `npm test`.
const endpoints = Object.keys(ENDPOINTS).filter((name) => name !== "everything" && name !== "a deletion");

describe.each(endpoints)("%s met by", (endpoint) => {
  it.each(Object.keys(FAULTS))("%s", (fault) => meetFault(stage, endpoint, fault));
});
