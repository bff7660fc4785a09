import { setTimeout as sleep } from "node:timers/promises";
import { ALLDEBRID_LIMITS, RateLimiter, realTiming } from "../alldebrid/rate-limiter.ts";
import type { Config } from "../config/config.ts";
import type { Progress } from "../core/ports.ts";
import type { SweepSummary } from "../core/records.ts";
import { type SweepReport, summarize } from "../core/report.ts";
import { overdueAfterSeconds } from "../core/settings.ts";
import { sweep } from "../core/sweep.ts";
import { ExitCode, UsageError } from "../errors.ts";
import { createHealthcheck, type Healthcheck, type RunEnd, reportEnd } from "../healthcheck/healthcheck.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { takeLock } from "../state/run-lock.ts";
import { type OpenedStore, openStore } from "../state/store.ts";
import type { Log } from "../terminal/log.ts";
import { printJson, renderReport } from "../terminal/render-run.ts";
import { deliverNotices } from "./deliver-notices.ts";
import type { Invocation } from "./invocation.ts";
import { begin, createClients, reportProblems } from "./setup.ts";
import { spareMemory } from "./spare-memory.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

/**
 * A limiter that goes on where the last sweep's left off: AllDebrid counts requests, not processes, and a sweep
 * by hand may follow a timed one within the second. A clock that stepped in between makes the last one's requests
 * look old or not yet sent, and they don't count.
 */
export function goOnWithPace(last: SweepSummary | undefined, now: Date): RateLimiter {
  const sinceMs = last ? now.getTime() - Date.parse(last.finished_at) : -1;
  const earlierMs = sinceMs >= 0 ? (last?.recent_requests_ms ?? []).map((ms) => ms + sinceMs) : [];
  return new RateLimiter(ALLDEBRID_LIMITS, realTiming, earlierMs);
}

/** Adds a sweep to those kept. Only the newest one's requests can matter to the next. */
export function rememberPace(sweeps: SweepSummary[], finished: SweepSummary): void {
  for (const sweep of sweeps) delete sweep.recent_requests_ms;
  sweeps.push(finished);
}

/** What a run works with once it holds the lock. */
export interface Run {
  readonly config: Config;
  readonly log: Log;
  readonly store: OpenedStore;
  readonly stop: StopControl;
  /** `--max-deletes`. */
  readonly maxDeletes: number | undefined;
  readonly dryRun: boolean;
  readonly progress: Progress | undefined;
}

/**
 * Sweeps all accounts, sends the notices that wait, and keeps what `status` will show.
 * @throws StateError
 */
export async function sweepAndDeliver(run: Run): Promise<SweepReport> {
  const { config, log, store, stop, dryRun, progress } = run;
  const startedAt = new Date();
  let needsAttention = reportProblems(store, log, dryRun ? "read" : "write");
  const limiter = goOnWithPace(store.sweeps.at(-1), startedAt);
  // What saves need is loaded with the first requests under way: at the first turn of the loop.
  setImmediate(() => void import("node:crypto"));
  const outcome = await sweep({
    clients: createClients(config, stop, log, { limiter }),
    store,
    policy: { ...config, maxDeletes: run.maxDeletes ?? config.maxDeletesPerRun },
    log,
    now: () => new Date(),
    sleep: (ms) => sleep(ms, undefined, { signal: stop.stopping.signal }).catch(() => {}),
    newKey: () => crypto.randomUUID(),
    stopping: stop.stopping,
    longestGapSeconds: overdueAfterSeconds(config.cycleSeconds),
    announce: config.webhookUrl !== undefined,
    dryRun,
    progress,
  });
  needsAttention ||= outcome.attention.length > 0;
  if (!dryRun && (await deliverNotices({ config, log, store, stop }))) needsAttention = true;

  const cause = stop.cause();
  const report: SweepReport = {
    version: 1,
    started_at: startedAt.toISOString(),
    finished_at: new Date().toISOString(),
    dry_run: dryRun,
    exit_code: cause?.exitCode ?? (needsAttention ? ExitCode.attention : ExitCode.ok),
    accounts: outcome.accounts,
    magnets: outcome.magnets,
    pending_notifications: store.outbox.pending.length,
  };
  rememberPace(store.sweeps, { ...summarize(report), recent_requests_ms: limiter.recentMs() });
  await store.saveSweeps();
  return report;
}

/** What a sweep is made with, once nobody else can be at work on the state. */
interface SweepCall {
  readonly invocation: Invocation;
  readonly config: Config;
  readonly log: Log;
  readonly stop: StopControl;
  /** `--max-deletes`. */
  readonly maxDeletes: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
}

/** Reads the state, sweeps, and prints what came of it. */
export async function sweepState(call: SweepCall): Promise<ExitCode> {
  const { invocation, config, dryRun } = call;
  const progress = await showProgress(invocation);
  try {
    const store = await openStore({
      folder: config.stateDir,
      mode: dryRun ? "read" : "write",
      now: () => new Date(),
      legacyCounters: config.legacyCounters,
    });
    const report = await sweepAndDeliver({ ...call, store, progress });
    progress?.end();
    invocation.print(call.json ? [printJson(report)] : await render(report, invocation));
    return report.exit_code;
  } finally {
    progress?.end();
  }
}

async function showProgress({ statusLine }: Invocation) {
  if (!statusLine) return undefined;
  const { createProgress } = await import("../terminal/progress.ts");
  return createProgress({ line: statusLine, columns: statusLine.columns, now: () => performance.now() });
}

async function render(report: SweepReport, invocation: Invocation): Promise<string[]> {
  if (!report.dry_run) return renderReport(report, invocation.colors);
  const { renderDryRun } = await import("../terminal/render-run.ts");
  return renderDryRun(report, invocation);
}

/** The options of `magnets run-once`. */
export interface RunOnceOptions {
  readonly maxDeletes?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** A sweep ends itself after this long. */
const LONGEST_SWEEP_MS = 20 * 60_000;

/** `magnets run-once`: exactly one sweep over all accounts. A dry run takes no lock and leaves no trace. */
export async function runOnce(invocation: Invocation, options: RunOnceOptions): Promise<ExitCode> {
  spareMemory();
  const maxDeletes = readMaxDeletes(options.maxDeletes);
  const dryRun = options.dryRun ?? false;
  const { config, log } = await begin(invocation, { keysRequired: true });
  const healthcheck = createHealthcheck(dryRun ? undefined : config.healthcheckUrl, log.warning);
  return reportEnd(healthcheck, () =>
    runLocked({ invocation, config, log, maxDeletes, dryRun, json: options.json ?? false, healthcheck }),
  );
}

interface Call {
  readonly invocation: Invocation;
  readonly config: Config;
  readonly log: Log;
  readonly maxDeletes: number | undefined;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly healthcheck: Healthcheck;
}

async function runLocked(call: Call): Promise<RunEnd> {
  const { config, log, dryRun, healthcheck } = call;
  const done = await becomeOwner(config.stateDir, config.file);
  if (done !== undefined) return { reported: done };
  const stop = createStopControl(LONGEST_SWEEP_MS, (message) => log.warning(message));
  const lock = dryRun
    ? undefined
    : await takeLock(config.stateDir).catch((error) => {
        stop.dispose();
        throw error;
      });
  healthcheck.start();
  try {
    return await sweepState({ ...call, stop });
  } finally {
    stop.dispose();
    await lock?.release();
  }
}

function readMaxDeletes(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw new UsageError(
      "--max-deletes: expected a whole number, 0 for no limit; try: magnets run-once --max-deletes 0",
    );
  }
  return Number(text);
}
