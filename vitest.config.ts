import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/torture/**", "tests/boot/**"],
    globalSetup: ["tests/support/build.ts"],
    // Most of these tests wait for processes and sockets: half of the cores, the default, would be idle.
    maxWorkers: "100%",
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { include: ["src/**"], reporter: ["text"] },
  },
});
