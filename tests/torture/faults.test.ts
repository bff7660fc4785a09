import { describe, it } from "vitest";
import { FAULTS, RARE_FAULTS } from "../promises/fault-battery.ts";
import { ENDPOINTS, meetFault } from "../promises/meet-fault.ts";

describe.each(Object.keys(ENDPOINTS))("%s met by", (endpoint) => {
  // What `npm test` has gone through need not be.
  const isDone = endpoint === "everything" || endpoint === "a deletion";
  it.each(Object.keys({ ...(isDone ? {} : FAULTS), ...RARE_FAULTS }))("%s", (fault) =>
    meetFault(endpoint, fault),
  );
});
