import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { onTestFinished } from "vitest";
import { temporaryFolder } from "./temporary-folder.ts";

/** How a script ended. */
interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script that runs in a process of its own. */
export interface RunningScript {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Settles once the script printed the text; rejects when it ends without. */
  printed(text: string): Promise<void>;
}

/**
 * Runs TypeScript in a Node of its own, bundled into one file that any user may read. Its imports are relative
 * to this folder.
 */
export function runScript(
  source: string,
  options: { uid?: number; gid?: number; env?: NodeJS.ProcessEnv } = {},
): RunningScript {
  const stdin = { contents: source, resolveDir: import.meta.dirname, loader: "ts" } as const;
  const built = buildSync({
    stdin,
    bundle: true,
    platform: "node",
    format: "esm",
    // As the program is bundled.
    mainFields: ["module", "main"],
    write: false,
  });
  const folder = temporaryFolder();
  chmodSync(folder, 0o755);
  const file = join(folder, "script.mjs");
  writeFileSync(file, built.outputFiles[0]?.contents ?? "", { mode: 0o644 });

  const child = spawn(process.execPath, [file], { ...options, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      child.emit("output");
    });
  }
  const ended = once(child, "close").then(([code]) => ({ code, ...output }));
  const printed = async (text: string) => {
    while (!output.stdout.includes(text)) {
      const more = await Promise.race([once(child, "output").then(() => true), ended.then(() => false)]);
      if (!more) throw new Error(`ended without "${text}": ${output.stdout}${output.stderr}`);
    }
  };
  return { child, ended, printed };
}
