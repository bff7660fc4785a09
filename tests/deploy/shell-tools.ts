import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** The repository. */
export const ROOT = resolve(import.meta.dirname, "../..");

/** Whether a tool that not every machine has is here. */
export function has(tool: string): boolean {
  return spawnSync("sh", ["-c", `command -v ${tool}`]).status === 0;
}

/** Runs a tool in the repository; its output is both streams together. */
export function runTool(command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: ROOT, env, encoding: "utf8" });
  return { status, stdout, output: `${stdout}${stderr}` };
}
