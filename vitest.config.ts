import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * `npm test`: what any user can run on any machine. A test file's folder and name decide which command runs it:
 *
 * - `*.machine.test.ts`, in any folder: needs root, other users, mounts or more tools: `npm run test:machine`
 * - `tests/torture`, `tests/boot` and `tests/container`: `npm run test:torture`, `test:boot` and `test:container`
 * - `tests/commands`, `tests/deploy`, `tests/promises` and `tests/simulate`: run the built program, or whole
 *   sweeps: `npm test`
 * - everything else: `npm run test:unit`, and `npm test` as well
 */
export const ELSEWHERE = ["tests/torture/**", "tests/boot/**", "tests/container/**", "**/*.machine.test.ts"];

/** How the tests of `npm test` and `npm run test:unit` run. */
export const quick = {
  // No module here keeps state of its own that could leak from one test file into the next.
  isolate: false,
  // Most of these tests wait for processes and sockets: with one worker for each core, cores would be idle.
  maxWorkers: availableParallelism() + 1,
  testTimeout: 60_000,
  hookTimeout: 60_000,
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
