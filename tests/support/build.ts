import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";

const run = promisify(execFile);
const root = join(import.meta.dirname, "../..");

async function build(): Promise<void> {
  await run("npm", ["run", "build"], { cwd: root });
}

/** Builds the executable before any test, and again whenever a watcher runs tests again: tests never meet an old one. */
export async function setup(project: TestProject): Promise<void> {
  await build();
  project.onTestsRerun(build);
}
