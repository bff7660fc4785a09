import { createAccountClient } from "../../src/alldebrid/client.ts";
import { OTHER_LIMITS, RateLimiter, resumeRateLimiter } from "../../src/alldebrid/rate-limiter.ts";
import { takeArrsTurn } from "../../src/commands/arrs-turn.ts";
import { giveSignsOfLife } from "../../src/commands/run-once.ts";
import { createStopControl, type StopControl } from "../../src/commands/stop-control.ts";
import { fingerprint } from "../../src/config/accounts.ts";
import type { Log } from "../../src/core/ports.ts";
import { summarize } from "../../src/core/report.ts";
import { sweep } from "../../src/core/sweep.ts";
import { deliver } from "../../src/discord/deliver.ts";
import { textsFor } from "../../src/discord/texts.ts";
import { createWebhook } from "../../src/discord/webhook.ts";
import { ExitCode, StateError } from "../../src/errors.ts";
import { FetchError } from "../../src/http/fetch.ts";
import type { FileSystem } from "../../src/state/file-system.ts";
import { type OpenedStore, openStore } from "../../src/state/store.ts";

// The one file of the simulator that knows the program: one run of it, made of its own parts.

/** What a run is given: a configuration, a disk, and two servers. Time, timers and chance are the process's own. */
export interface Run {
  readonly fs: FileSystem;
  readonly folder: string;
  readonly accounts: readonly { readonly name: string; readonly key: string }[];
  readonly maxRetries: { readonly expired: number; readonly error: number };
  readonly minFailingHours: number;
  /** 0: no limit. */
  readonly maxDeletes: number;
  readonly protect: readonly string[];
  readonly cycleSeconds: number;
  readonly webhook: boolean;
  /** A Sonarr is configured. */
  readonly sonarr: boolean;
  readonly alldebrid: (request: Request) => Promise<Response>;
  readonly discord: (request: Request) => Promise<Response>;
  readonly arr: (request: Request) => Promise<Response>;
  /** A signal comes after so many milliseconds. */
  readonly stopAfterMs?: number | undefined;
  readonly newKey: () => string;
  readonly say: (line: string) => void;
}

/** How a run ended: with its exit code, or because state could not be read or written. */
export type RunEnd = { readonly exitCode: number } | { readonly stateError: string };

const LONGEST_SWEEP_MS = 20 * 60_000;
const WEBHOOK = "https://discord.com/api/webhooks/123456789/token-of-the-simulated-webhook";

const SONARR = { name: "sonarr", url: "http://sonarr.local:8989", key: "key-of-the-simulated-sonarr" };

/** `magnets run-once`. */
export function sweepOnce(run: Run): Promise<RunEnd> {
  return withState(run, async (log, stop) => {
    const startedAt = new Date();
    const store = await openState(run, "write", log);
    const limiter = resumeRateLimiter(store.sweeps.at(-1), store.running.alive_at, startedAt);
    const signs = await giveSignsOfLife(store);
    try {
      const outcome = await runSweep(run, store, limiter, stop, log, false);
      const servers = { arrs: run.sonarr ? [SONARR] : [], webhookUrl: run.webhook ? WEBHOOK : undefined };
      const fetch = overNetwork(run.arr);
      await takeArrsTurn({ ...servers, fetch }, store, outcome.magnets, stop, log);
      const undelivered = run.webhook && (await deliverNotices(run, store, stop, log));
      const damaged = store.problems.some(({ severity }) => severity === "error");
      const attention = outcome.attention.length > 0 || undelivered || damaged;
      const exitCode = stop.exitCode() ?? (attention ? ExitCode.attention : ExitCode.ok);
      for (const earlier of store.sweeps) delete earlier.recent_requests_ms;
      const summary = summarize({
        version: 1,
        started_at: startedAt.toISOString(),
        finished_at: new Date().toISOString(),
        dry_run: false,
        exit_code: exitCode,
        accounts: outcome.accounts,
        magnets: outcome.magnets,
        pending_notifications: store.outbox.pending.length,
      });
      store.sweeps.push({ ...summary, recent_requests_ms: limiter.recentMs() });
      await store.saveSweeps();
      await signs.end();
      return { exitCode };
    } finally {
      signs[Symbol.dispose]();
    }
  });
}

/** `magnets run-once --dry-run`. */
export function dryRun(run: Run): Promise<RunEnd> {
  return withState(run, async (log, stop) => {
    const store = await openState(run, "read", log);
    const limiter = new RateLimiter(OTHER_LIMITS);
    await runSweep(run, store, limiter, stop, log, true);
    return { exitCode: 0 };
  });
}

/** `magnets reset`. Ids without a counter are left out. */
export function reset(run: Run, ids: readonly string[] | "all"): Promise<RunEnd> {
  return withState(run, async (log) => {
    const store = await openState(run, "write", log);
    for (const id of ids === "all" ? [...store.counters.keys()] : ids) store.counters.delete(id);
    for (const id of ids === "all" ? [...store.confirmed.keys()] : ids) store.confirmed.delete(id);
    await store.saveConfirmed();
    await store.saveCounters();
    return { exitCode: 0 };
  });
}

async function withState(
  { say, stopAfterMs }: Run,
  work: (log: Log, stop: StopControl) => Promise<RunEnd>,
): Promise<RunEnd> {
  const write = (level: string) => (message: string) => say(`${level} ${message}`);
  const log = {
    debug: write("debug"),
    info: write("info"),
    warning: write("warning"),
    error: write("error"),
  };
  using stop = createStopControl(LONGEST_SWEEP_MS, log);
  // A real signal would reach whatever else runs in this process, too.
  const onSignal = process.listeners("SIGTERM").at(-1);
  const signal = stopAfterMs === undefined ? undefined : setTimeout(() => onSignal?.("SIGTERM"), stopAfterMs);
  try {
    return await work(log, stop);
  } catch (error) {
    if (error instanceof StateError) return { stateError: error.message };
    throw error;
  } finally {
    clearTimeout(signal);
  }
}

async function openState({ fs, folder }: Run, mode: "read" | "write", log: Log): Promise<OpenedStore> {
  const store = await openStore({ fs, folder, mode, now: () => new Date() });
  for (const { severity, message } of store.problems) log[severity](message);
  return store;
}

function runSweep(
  run: Run,
  store: OpenedStore,
  limiter: RateLimiter,
  stop: StopControl,
  log: Log,
  dry: boolean,
) {
  const { accounts, webhook, cycleSeconds, newKey } = run;
  return sweep({
    clients: accounts.map(({ name, key }) =>
      createAccountClient(
        { name, key, fingerprint: fingerprint(key) },
        {
          apiUrl: "https://api.alldebrid.com",
          limiter,
          ...stop.signals,
          fetch: overNetwork(run.alldebrid),
          warn: log.warning,
          debug: (message) => log.debug(`${name}: ${message}`),
        },
      ),
    ),
    store,
    policy: run,
    log,
    now: () => new Date(),
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    newKey,
    stopping: stop.stopping,
    cycleSeconds,
    fingerprint,
    announce: webhook,
    arrs: run.sonarr ? [SONARR.name] : [],
    dryRun: dry,
  });
}

async function deliverNotices(
  { discord }: Run,
  { outbox, saveOutbox }: OpenedStore,
  { signals }: StopControl,
  log: Log,
): Promise<boolean> {
  if (outbox.pending.length === 0) return false;
  return deliver({
    outbox,
    save: saveOutbox,
    webhook: createWebhook({ url: WEBHOOK, signals, fetch: overNetwork(discord) }),
    fingerprint: fingerprint(WEBHOOK),
    texts: textsFor("en"),
    log,
    now: Date.now,
    stopping: signals.stopping,
  });
}

/** The models fail as a system does; the program's own `fetch` wraps such errors. */
function overNetwork(fetch: (request: Request) => Promise<Response>) {
  return async (input: Request | URL | string): Promise<Response> => {
    const request = input instanceof Request ? input : new Request(input);
    try {
      return await fetch(request);
    } catch (cause) {
      throw cause instanceof Error && "code" in cause && typeof cause.code === "string"
        ? new FetchError("connection", { cause })
        : cause;
    }
  };
}
