import { randomUUID } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type AllDebridOptions,
  type AllDebridSandbox,
  startAllDebrid,
} from "../../examples/sandbox/alldebrid.ts";
import { type DiscordSandbox, startDiscord } from "../../examples/sandbox/discord.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { createAccountClient } from "../../src/alldebrid/client.ts";
import { type RateLimiter, resumeRateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import type { AccountClient } from "../../src/core/ports.ts";
import { type SweepReport, summarize } from "../../src/core/report.ts";
import type { Policy } from "../../src/core/settings.ts";
import { sweep } from "../../src/core/sweep.ts";
import { deliver } from "../../src/discord/deliver.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { createWebhook } from "../../src/discord/webhook.ts";
import { nodeFileSystem } from "../../src/state/file-system.ts";
import { type OpenedStore, openStore } from "../../src/state/store.ts";
import { SimulatedTime } from "./simulated-time.ts";

const POLICY: Policy = {
  maxRetries: { expired: 3, error: 3 },
  minFailingHours: 0,
  maxDeletes: 100,
  protect: [],
};

/** Time passes by itself only while something runs. */
const fs = {
  ...nodeFileSystem,
  open: async (path: string, flags: number, mode?: number) => ({
    ...(await nodeFileSystem.open(path, flags, mode)),
    sync: async () => {},
  }),
};

/** Which account, by what key. */
export type WorldKey = Pick<SandboxAccount, "key" | "username">;

/** Both services and a state folder, on simulated time. */
export class SimulatedWorld {
  readonly time: SimulatedTime;
  readonly alldebrid: AllDebridSandbox;
  readonly discord: DiscordSandbox;
  readonly folder: string;
  /** What was logged, each line with its level in front. */
  readonly log: string[] = [];
  readonly #webhook: string;

  static async open(options: AllDebridOptions = {}): Promise<SimulatedWorld> {
    const time = new SimulatedTime();
    const alldebrid = await startAllDebrid(options);
    const discord = await startDiscord({ rateLimit: false });
    time.watch(alldebrid, discord);
    return new SimulatedWorld(time, alldebrid, discord, await mkdtemp(join(tmpdir(), "magnets-simulated-")));
  }

  private constructor(
    time: SimulatedTime,
    alldebrid: AllDebridSandbox,
    discord: DiscordSandbox,
    folder: string,
  ) {
    this.time = time;
    this.alldebrid = alldebrid;
    this.discord = discord;
    this.folder = folder;
    this.#webhook = discord.addWebhook();
  }

  async close(): Promise<void> {
    this.time.end();
    await Promise.all([this.alldebrid.close(), this.discord.close()]);
    await rm(this.folder, { recursive: true, force: true });
  }

  /** A state file of an earlier sweep. */
  write(name: string, content: unknown): Promise<void> {
    return writeFile(join(this.folder, name), JSON.stringify(content), { mode: 0o600 });
  }

  store(mode: "read" | "write" = "read"): Promise<OpenedStore> {
    return openStore({ fs, folder: this.folder, mode, now: () => new Date() });
  }

  /** Ids that Discord was told of, in order. */
  announced(): string[] {
    return this.discord.embeds.flatMap(
      ({ fields }) => fields?.find(({ name }) => name === "ID")?.value ?? [],
    );
  }

  /** A client as every command makes it, patience and all. */
  client(
    { key, username: name }: WorldKey,
    limiter: RateLimiter,
    stopping = new AbortController(),
  ): AccountClient {
    const say = (line: string) => void this.log.push(line);
    return createAccountClient(
      { name, key, fingerprint: fingerprint(key) },
      {
        apiUrl: this.alldebrid.url,
        limiter,
        stopping: stopping.signal,
        abort: new AbortController().signal,
        fetch: this.time.fetch,
        debug: (message) => say(`debug ${name}: ${message}`),
        warn: (message) => say(`warning ${message}`),
      },
    );
  }

  /** One sweep as `run-once` does it: its parts, put together in the same way, without the lock. */
  async sweep(keys: readonly WorldKey[], policy: Partial<Policy> = {}): Promise<SweepReport> {
    const say = (level: string) => (message: string) => void this.log.push(`${level} ${message}`);
    const log = { debug: say("debug"), info: say("info"), warning: say("warning"), error: say("error") };
    const startedAt = new Date();
    const store = await this.store("write");
    const limiter = resumeRateLimiter(store.sweeps.at(-1), store.running.alive_at, startedAt);
    store.running.alive_at = startedAt.toISOString();
    await store.saveRunning();
    const stopping = new AbortController();
    const { accounts, magnets, attention } = await sweep({
      clients: keys.map((key) => this.client(key, limiter, stopping)),
      store,
      policy: { ...POLICY, ...policy },
      log,
      now: () => new Date(),
      sleep: (ms) => this.time.sleep(ms, stopping.signal),
      newKey: randomUUID,
      fingerprint,
      stopping,
      cycleSeconds: 1800,
      announce: true,
      dryRun: false,
    });
    const undelivered = await deliver({
      outbox: store.outbox,
      save: () => store.saveOutbox(),
      webhook: createWebhook({
        url: this.#webhook,
        signals: { stopping: stopping.signal, abort: stopping.signal },
        fetch: this.time.fetch,
      }),
      fingerprint: fingerprint(this.#webhook),
      texts: textsFor("en"),
      log,
      now: Date.now,
      stopping: stopping.signal,
    });
    const report: SweepReport = {
      version: 1,
      started_at: startedAt.toISOString(),
      finished_at: new Date().toISOString(),
      dry_run: false,
      exit_code: attention.length > 0 || undelivered ? 3 : 0,
      accounts,
      magnets,
      pending_notifications: store.outbox.pending.length,
    };
    store.sweeps.push({ ...summarize(report), recent_requests_ms: limiter.recentMs() });
    await store.saveSweeps();
    delete store.running.alive_at;
    await store.saveRunning();
    return report;
  }
}
