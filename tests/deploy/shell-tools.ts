import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** The repository. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** Runs a tool in the repository; its output is both streams together. */
export function runTool(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, env, encoding: "utf8" });
  return { status, stdout, output: `${stdout}${stderr}` };
}
