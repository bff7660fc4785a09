import { describe, it } from "vitest";
import { FAULTS } from "./fault-battery.ts";
import { meetFault } from "./meet-fault.ts";

// The other endpoints are gone through by `npm run test:torture`.
describe.each(["everything", "a deletion"])("%s met by", (endpoint) => {
  it.each(Object.keys(FAULTS))("%s", (fault) => meetFault(endpoint, fault));
});
