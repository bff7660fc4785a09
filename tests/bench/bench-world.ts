import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { runNode, runProbed, type Surroundings } from "./run-process.ts";
import type { SandboxPlace, SandboxReport, SandboxWish } from "./sandbox-protocol.ts";

/** The executable, as `npm run build` made it. */
export const MAGNETS = join(import.meta.dirname, "../../bin/magnets.js");

/** A folder of its own with a configuration and state, and the fakes in another process. */
export interface BenchWorld extends Surroundings {
  readonly state: string;
  readonly place: SandboxPlace;
  /** What the fakes have seen since this was called last. */
  report(): Promise<SandboxReport>;
  /** Runs `magnets` and throws unless it exits 0. */
  magnets(...args: string[]): ReturnType<typeof runNode>;
  /** The same with a probe for memory and bytes written. */
  probed(...args: string[]): ReturnType<typeof runProbed>;
  close(): Promise<void>;
}

/** Names of `count` accounts' keys. */
export function keysFor(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `BenchKey${String(i + 1).padStart(12, "0")}`);
}

/** Starts one; `settings` are added to the config, `counters` become the state's. */
export async function openWorld(
  wish: SandboxWish,
  more: { readonly settings?: object; readonly counters?: object } = {},
): Promise<BenchWorld> {
  const cwd = await mkdtemp(join(tmpdir(), "magnets-bench-"));
  const sandbox = fork(fileURLToPath(import.meta.resolve("./sandbox-process.ts")), { stdio: "inherit" });
  sandbox.send(wish);
  const [place] = (await once(sandbox, "message")) as [SandboxPlace];
  const config = { api_keys: wish.keys, discord_webhook_url: place.webhookUrl, ...more.settings };
  const state = join(cwd, "state");
  await mkdir(state, { mode: 0o700 });
  await writeFile(join(cwd, "config.json"), JSON.stringify(config), { mode: 0o600 });
  if (more.counters) await writeFile(join(state, "retry_counts.json"), JSON.stringify(more.counters));
  const surroundings = {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: cwd, MAGNETS_API_URL: place.apiUrl },
  };
  const command = (args: readonly string[]) => [MAGNETS, ...args, "--state-dir", state];
  return {
    ...surroundings,
    state,
    place,
    report: async () => {
      sandbox.send("report");
      const [report] = (await once(sandbox, "message")) as [SandboxReport];
      return report;
    },
    magnets: async (...args) => succeeded(args, await runNode(command(args), surroundings)),
    probed: async (...args) => succeeded(args, await runProbed(command(args), surroundings)),
    close: async () => {
      sandbox.disconnect();
      await once(sandbox, "exit");
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

function succeeded<T extends { code: number | null; stderr: string }>(args: readonly string[], taken: T): T {
  if (taken.code !== 0) throw new Error(`magnets ${args.join(" ")} exited ${taken.code}:\n${taken.stderr}`);
  return taken;
}
