import { randomUUID } from "node:crypto";
import type { AllDebridSandbox } from "../../examples/sandbox/alldebrid.ts";
import type { SandboxAccount } from "../../examples/sandbox/sandbox-account.ts";
import { createAccountClient } from "../../src/alldebrid/client.ts";
import { RateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import { takeArrsTurn } from "../../src/commands/arrs-turn.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import type { AccountClient } from "../../src/core/ports.ts";
import { type Action, summarize } from "../../src/core/report.ts";
import type { ArrConfig, Policy } from "../../src/core/settings.ts";
import { sweep } from "../../src/core/sweep.ts";
import { deliver } from "../../src/discord/deliver.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { createWebhook } from "../../src/discord/webhook.ts";
import type { FileSystem } from "../../src/state/file-system.ts";
import { openStore } from "../../src/state/store.ts";

/** An account as a sweep knows it; two keys of one are two of these. */
type WorldAccount = Pick<SandboxAccount, "key" | "username">;

/** What a sweep of the world may be told. */
export interface WorldSweep {
  readonly fs: FileSystem;
  readonly folder: string;
  readonly accounts: readonly WorldAccount[];
  /** The webhook's address; none: nothing is announced. */
  readonly webhook?: string;
  /** Each Sonarr and Radarr that is told of deletions. */
  readonly arrs?: readonly ArrConfig[];
  readonly policy?: Partial<Policy>;
  /** Called before each request that changes something; may throw to end the sweep. */
  readonly before?: (what: "restart" | "delete", ids: readonly string[]) => void;
  /** Told of each magnet that an answered list of failing ones shows. */
  readonly sighted?: (id: string) => void;
  /** Aborted at death: nothing begins, nothing goes on. */
  readonly death?: AbortController;
  readonly now?: () => Date;
  readonly deadlineMs?: number;
  readonly log?: (line: string) => void;
}

/** How a sweep ended that came to its end. */
export interface WorldReport {
  readonly exitCode: 0 | 3;
  readonly actions: ReadonlyMap<string, Action>;
  readonly errors: readonly string[];
}

export const POLICY: Policy = {
  maxRetries: { expired: 3, error: 3 },
  minFailingHours: 0,
  maxDeletes: 100,
  protect: [],
};

/** What state knows an account by in tests. */
const userFingerprint = (username: string): string => `fp-${username}`;

/**
 * One sweep as `run-once` does it, in this process: the real store on the given file system, the real clients
 * over sockets, the real delivery. Rejects with what ends the run.
 */
export async function sweepWorld(alldebrid: AllDebridSandbox, options: WorldSweep): Promise<WorldReport> {
  const { fs, folder, webhook, arrs = [], death = new AbortController(), log = () => {} } = options;
  const now = options.now ?? (() => new Date(alldebrid.clock.now()));
  const stopping = new AbortController();
  death.signal.addEventListener("abort", () => stopping.abort(), { once: true });
  const say = (level: string) => (message: string) => log(`${level} ${message}`);
  const levels = { debug: say("debug"), info: say("info"), warning: say("warning"), error: say("error") };
  const store = await openStore({ fs, folder, mode: "write", now });
  for (const { severity, message } of store.problems) log(`${severity} ${message}`);
  const startedAt = now();
  const outcome = await sweep({
    clients: options.accounts.map((account) => clientOf(alldebrid, account, stopping.signal, options)),
    store,
    policy: { ...POLICY, ...options.policy },
    log: levels,
    now,
    stopping,
    sleep: async () => {},
    newKey: randomUUID,
    fingerprint: userFingerprint,
    cycleSeconds: 1800,
    announce: webhook !== undefined,
    arrs: arrs.map(({ name }) => name),
    dryRun: false,
  });
  const signals = { stopping: stopping.signal, abort: death.signal };
  await takeArrsTurn({ arrs, webhookUrl: webhook }, store, outcome.magnets, { signals }, levels);
  let attention = outcome.attention.length > 0;
  if (webhook !== undefined) {
    const failed = await deliver({
      outbox: store.outbox,
      save: () => store.saveOutbox(),
      webhook: createWebhook({
        url: webhook,
        signals,
        timeoutMs: options.deadlineMs ?? 5_000,
        backoffMs: 2,
      }),
      fingerprint: fingerprint(webhook),
      texts: textsFor("en"),
      now: () => now().getTime(),
      stopping: stopping.signal,
      log: levels,
    });
    attention ||= failed;
  }
  const exitCode = attention || store.problems.some(({ severity }) => severity === "error") ? 3 : 0;
  const [started_at, finished_at] = [startedAt.toISOString(), now().toISOString()];
  const { accounts, magnets } = outcome;
  const pending_notifications = store.outbox.pending.length;
  store.sweeps.push(
    summarize({
      version: 1,
      started_at,
      finished_at,
      dry_run: false,
      exit_code: exitCode,
      accounts,
      magnets,
      pending_notifications,
    }),
  );
  await store.saveSweeps();
  return {
    exitCode,
    actions: new Map(magnets.map(({ id, action }) => [id, action])),
    errors: accounts.flatMap(({ name, error }) => (error === null ? [] : [`${name}: ${error}`])),
  };
}

/** The real client, watched. Its requests are not slowed down and its waits are short. */
function clientOf(
  alldebrid: AllDebridSandbox,
  account: WorldAccount,
  stopping: AbortSignal,
  options: WorldSweep,
): AccountClient {
  const { before, sighted, death = new AbortController(), log = () => {} } = options;
  const identity = { name: account.username, fingerprint: `fp-${account.key}`, key: account.key };
  const client = createAccountClient(identity, {
    apiUrl: alldebrid.url,
    limiter: new RateLimiter([{ requests: 1_000_000, windowMs: 1 }]),
    stopping,
    abort: death.signal,
    retryDelay: () => 1,
    timeoutMs: options.deadlineMs ?? 5_000,
    debug: (message) => log(`debug ${account.username}: ${message}`),
    warn: (message) => log(`warning ${message}`),
  });
  return {
    ...client,
    list: async (list) => {
      const answer = await client.list(list);
      if (list === "expired" || list === "error") for (const { id } of answer) sighted?.(id);
      return answer;
    },
    restart: (ids) => {
      before?.("restart", ids);
      return client.restart(ids);
    },
    delete: (id) => {
      before?.("delete", [id]);
      return client.delete(id);
    },
  };
}
