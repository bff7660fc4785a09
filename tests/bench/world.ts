import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Surroundings } from "./measure.ts";
import type { SandboxAddresses, SandboxReport, SandboxWish } from "./sandbox-process.ts";

/** A folder of its own with a configuration and state, and the sandbox in another process. */
export interface World extends Surroundings {
  /** The state folder. */
  readonly state: string;
  /** What the sandbox has seen since this was called last. */
  report(): Promise<SandboxReport>;
  close(): Promise<void>;
}

/** What the world is to be; everything but `failing` has a default. */
export interface WorldWish {
  /** Accounts, each with one key. Default: 1. */
  readonly accounts?: number;
  /** Magnets in failure in each account. */
  readonly failing: number;
  /** Time taken over each request. Default: 0. */
  readonly latencyMs?: number;
  /** Added to the configuration. */
  readonly settings?: object;
  /** The state's counters before the first run. */
  readonly counters?: object;
}

/** Starts one. */
export async function openWorld(wish: WorldWish): Promise<World> {
  const { accounts = 1, failing, latencyMs = 0, settings, counters } = wish;
  const cwd = await mkdtemp(join(tmpdir(), "magnets-bench-"));
  const keys = Array.from({ length: accounts }, (_, i) => `BenchKey${String(i + 1).padStart(12, "0")}`);
  const sandbox = fork(fileURLToPath(import.meta.resolve("./sandbox-process.ts")), { stdio: "inherit" });
  sandbox.send({ keys, failing, latencyMs } satisfies SandboxWish);
  const [{ apiUrl, webhookUrl }] = (await once(sandbox, "message")) as [SandboxAddresses];
  const config = { api_keys: keys, discord_webhook_url: webhookUrl, ...settings };
  const state = join(cwd, "state");
  await mkdir(state, { mode: 0o700 });
  if (counters) await writeFile(join(state, "retry_counts.json"), JSON.stringify(counters), { mode: 0o600 });
  await writeFile(join(cwd, "config.json"), JSON.stringify(config), { mode: 0o600 });
  return {
    cwd,
    env: { PATH: process.env.PATH ?? "", HOME: cwd, MAGNETS_API_URL: apiUrl },
    state,
    report: async () => {
      sandbox.send("report");
      const [report] = (await once(sandbox, "message")) as [SandboxReport];
      return report;
    },
    close: async () => {
      sandbox.disconnect();
      await once(sandbox, "exit");
      await rm(cwd, { recursive: true, force: true });
    },
  };
}

/** Counters as sweeps leave them, `count` of them. */
export function sampleCounters(count: number): Record<string, object> {
  const entries = Array.from({ length: count }, (_, i) => [
    String(900_000_001 + i),
    {
      fails: (i % 5) + 1,
      last_status: i % 3 === 0 ? "expired" : "error",
      account: "0123456789abcdef",
      failing_since: "2026-11-20T08:00:00.000Z",
      last_seen: "2026-11-23T15:30:00.000Z",
      failing_seconds: 286_200,
      restarts: i % 5,
      filename: `Some.Series.S01E${i % 24}.1080p.WEB.H264-GROUP.${i}.mkv`,
      size: 1_400_000_000 + i,
      hash: i.toString(16).padStart(40, "0"),
      status_text: "No peer after 30 minutes",
      had_chance: true,
    },
  ]);
  return Object.fromEntries(entries);
}
