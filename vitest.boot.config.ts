import { defineConfig } from "vitest/config";

// npm run test:boot: one of each Debian, booted in turn; the tests take it through its life in their order.
export default defineConfig({
  test: {
    include: ["tests/boot/**/*.test.ts"],
    globalSetup: ["tests/boot/need-debian.ts"],
    testTimeout: 120_000,
    hookTimeout: 600_000,
    bail: 1,
    reporters: ["verbose"],
  },
});
