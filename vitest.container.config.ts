import { defineConfig } from "vitest/config";

// npm run test:container: one image, built once, and the containers that people run of it.
export default defineConfig({
  test: {
    include: ["tests/container/**/*.test.ts"],
    globalSetup: ["tests/container/need-podman.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    fileParallelism: false,
    reporters: ["verbose"],
  },
});
