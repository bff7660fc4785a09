import { randomUUID } from "node:crypto";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  type AllDebridOptions,
  type AllDebridSandbox,
  startAllDebrid,
} from "../../examples/sandbox/alldebrid.ts";
import { standingClock } from "../../examples/sandbox/clock.ts";
import { createAccountClient } from "../../src/alldebrid/client.ts";
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import type { CounterRecord, Notice } from "../../src/core/records.ts";
import type { AccountResult, Action, MagnetResult } from "../../src/core/report.ts";
import type { Policy } from "../../src/core/settings.ts";
import { sweep } from "../../src/core/sweep.ts";
import { type OpenedStore, openStore } from "../../src/state/store.ts";
import { temporaryFolder } from "../state/temporary-folder.ts";
import { DEFAULT_POLICY } from "./records.ts";

/** What one sweep of a scene may be told. */
interface SceneSweep {
  readonly policy?: Partial<Policy>;
  /** Keys of the accounts swept; default: all that the sandbox was started with. */
  readonly keys?: readonly string[];
  /** Configured names by key; default: the key without its `k-`. */
  readonly names?: Readonly<Record<string, string>>;
  /** How often sweeps are expected; default: 1800. */
  readonly cycleSeconds?: number;
  readonly stopping?: AbortController;
  readonly announce?: boolean;
  /** Default: false. */
  readonly dryRun?: boolean;
  /** Between attempts at a deletion; default: no time at all. */
  readonly sleep?: (ms: number) => Promise<void>;
}

/** What a sweep brought. */
interface SceneReport {
  /** By magnet id. */
  readonly actions: Record<string, Action>;
  /** By magnet id. */
  readonly reasons: Record<string, string>;
  readonly magnets: MagnetResult[];
  readonly accounts: AccountResult[];
  readonly attention: readonly string[];
  /** Warnings and errors of the log. */
  readonly complaints: string[];
  /** What the log says at INFO. */
  readonly infos: string[];
}

/** A state folder and a fake of AllDebrid whose clock stands still, with sweeps over both. */
export interface Scene {
  readonly sandbox: AllDebridSandbox;
  readonly folder: string;
  /** Sweeps as `run-once` does: real clients over sockets, the real store. */
  sweep(options?: SceneSweep): Promise<SceneReport>;
  /** The clock moves on by so many minutes; default: 30. */
  wait(minutes?: number): void;
  counters(): Promise<Record<string, CounterRecord>>;
  writeCounters(counters: Record<string, unknown>): Promise<void>;
  /** What waits for Discord. */
  notices(): Promise<Notice[]>;
  /** The names of the deletions on record. */
  deletions(): Promise<string[]>;
  /** Ids with a deletion in doubt. */
  doubts(): Promise<string[]>;
  openStore(): Promise<OpenedStore>;
  /** What was asked by id since the last call, as `account id`. */
  questions(): string[];
}

/** What may differ in a scene's state. */
interface SceneState {
  /** When the scene starts. */
  readonly startsAt?: string;
  /** Copied into the state folder. */
  readonly stateFrom?: string;
  /** Names keys and users; default: `fp-` and the key or name. */
  readonly fingerprint?: (secret: string) => string;
}

/** Starts a scene; it ends with the test. */
export async function startScene(
  options: AllDebridOptions = {},
  { startsAt = "2026-03-01T12:00:00Z", stateFrom, fingerprint = (secret) => `fp-${secret}` }: SceneState = {},
): Promise<Scene> {
  const clock = standingClock(Date.parse(startsAt));
  const seeds = options.accounts ?? [{ key: "k-main", username: "main" }];
  const sandbox = await startAllDebrid({ clock, rateLimit: false, ...options, accounts: seeds });
  onTestFinished(() => sandbox.close());
  const folder = temporaryFolder();
  if (stateFrom !== undefined) await cp(stateFrom, folder, { recursive: true });
  const now = () => new Date(clock.now());
  const open = (mode: "read" | "write" = "write") => openStore({ folder, mode, now });
  let asked = 0;

  return {
    sandbox,
    folder,
    wait: (minutes = 30) => clock.advance(minutes * 60_000),
    async sweep({
      policy,
      keys = seeds.map(({ key }) => key),
      names = {},
      cycleSeconds = 1800,
      stopping = new AbortController(),
      announce = true,
      dryRun = false,
      sleep = async () => {},
    } = {}) {
      const complaints: string[] = [];
      const complain = (message: string) => void complaints.push(message);
      const infos: string[] = [];
      const info = (message: string) => void infos.push(message);
      const store = await open(dryRun ? "read" : "write");
      const clients = keys.map((key) =>
        createAccountClient(
          { name: names[key] ?? key.replace("k-", ""), fingerprint: fingerprint(key), key },
          {
            apiUrl: sandbox.url,
            limiter: new RateLimiter([{ requests: 1_000_000, windowMs: 1 }]),
            stopping: stopping.signal,
            abort: new AbortController().signal,
            retryDelay: () => 1,
            timeoutMs: 5_000,
            warn: complain,
          },
        ),
      );
      const outcome = await sweep({
        clients,
        store,
        policy: { ...DEFAULT_POLICY, ...policy },
        log: { debug: () => {}, info, warning: complain, error: complain },
        now,
        stopping,
        sleep,
        newKey: randomUUID,
        fingerprint,
        cycleSeconds,
        announce,
        dryRun,
      });
      const { magnets } = outcome;
      return {
        ...outcome,
        complaints,
        infos,
        actions: Object.fromEntries(magnets.map(({ id, action }) => [id, action])),
        reasons: Object.fromEntries(magnets.map(({ id, reason }) => [id, reason])),
      };
    },
    counters: async () => JSON.parse(await readFile(join(folder, "retry_counts.json"), "utf8")),
    writeCounters: (counters) => writeFile(join(folder, "retry_counts.json"), JSON.stringify(counters)),
    notices: async () => (await open()).outbox.pending,
    deletions: async () => (await (await open()).readDeletions()).map(({ id }) => id),
    doubts: async () => [...(await open()).intents.keys()],
    openStore: () => open(),
    questions() {
      const questions = sandbox.requests
        .slice(asked)
        .filter(({ form, endpoint }) => endpoint === "status" && form.has("id"));
      asked = sandbox.requests.length;
      return questions.map(({ account, form }) => `${account} ${form.get("id")}`);
    },
  };
}
