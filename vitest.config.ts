import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * `npm test`: all that any user can run on any machine. Where a test belongs is told by its file's place and name:
 *
 * - `*.machine.test.ts`, in any folder: it needs root, other users, mounts or more tools: `npm run test:machine`
 * - `tests/torture` and `tests/boot`: `npm run test:torture` and `npm run test:boot`
 * - `tests/commands`, `tests/deploy` and `tests/promises`: it runs what was built, or whole sweeps: `npm test`
 * - everything else: `npm run test:unit`, and `npm test`, too
 */
export const ELSEWHERE = ["tests/torture/**", "tests/boot/**", "**/*.machine.test.ts"];

/** How the tests of `npm test` and `npm run test:unit` run. */
export const quick = {
  // No module of this project has state of its own that one test file could leave to the next.
  isolate: false,
  // Most of these tests wait for processes and sockets: with a worker for each core, cores would be idle.
  maxWorkers: availableParallelism() + 1,
  testTimeout: 30_000,
  hookTimeout: 30_000,
};

export default defineConfig({
  test: {
    ...quick,
    include: ["tests/**/*.test.ts"],
    exclude: ELSEWHERE,
    globalSetup: ["tests/support/build.ts"],
    coverage: { include: ["src/**"], reporter: ["text"] },
  },
});
