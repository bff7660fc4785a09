import { defineConfig } from "vitest/config";
import { ELSEWHERE, quick } from "./vitest.config.ts";

// npm run test:unit: what needs neither the built executable nor a whole sweep, in seconds.
export default defineConfig({
  test: {
    ...quick,
    include: ["tests/**/*.test.ts"],
    exclude: [...ELSEWHERE, "tests/commands/**", "tests/deploy/**", "tests/promises/**"],
  },
});
