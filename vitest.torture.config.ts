import { defineConfig } from "vitest/config";

// npm run test:torture: a few minutes of it; with TORTURE=full, every crash point and a thousand kills.
export default defineConfig({
  test: {
    include: ["tests/torture/**/*.test.ts"],
    exclude: ["**/*.machine.test.ts"],
    globalSetup: ["tests/support/build.ts"],
    testTimeout: process.env.TORTURE === "full" ? 7_200_000 : 300_000,
    hookTimeout: 60_000,
    // Killing and waiting for limits leave most of the time to others.
    maxWorkers: 3,
    reporters: ["verbose"],
  },
});
