import { defineConfig } from "vitest/config";

// npm run test:machine: what needs root, other users, mounts or more tools. It fails where one of them is missing.
export default defineConfig({
  test: {
    include: ["tests/**/*.machine.test.ts"],
    globalSetup: ["tests/support/need-machine.ts", "tests/support/build.ts"],
    testTimeout: process.env.TORTURE === "full" ? 7_200_000 : 120_000,
    hookTimeout: 60_000,
    reporters: ["verbose"],
  },
});
