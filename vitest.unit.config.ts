import { defineConfig } from "vitest/config";
import { ELSEWHERE, quick } from "./vitest.config.ts";

// npm run test:unit: what needs neither the built program nor whole sweeps, in seconds.
export default defineConfig({
  test: {
    ...quick,
    include: ["tests/**/*.test.ts"],
    exclude: [...ELSEWHERE, "tests/{commands,deploy,promises,simulate}/**"],
  },
});
