import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    exclude: ["tests/torture/**", "tests/boot/**"],
    globalSetup: ["tests/support/build.ts"],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    coverage: { include: ["src/**"], reporter: ["text"] },
  },
});
