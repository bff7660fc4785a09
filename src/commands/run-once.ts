import { createAccountClient } from "../alldebrid/account-client.ts";
import { RateLimiter } from "../alldebrid/rate-limiter.ts";
import type { Config } from "../config/config.ts";
import type { SweepReport } from "../core/report.ts";
import { summarize } from "../core/report.ts";
import { sweep } from "../core/sweep.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { type OpenedStore, openStore } from "../state/open-store.ts";
import { takeLock } from "../state/run-lock.ts";
import type { Log } from "../terminal/log.ts";
import { printJson } from "../terminal/print-json.ts";
import { renderReport } from "../terminal/render-report.ts";
import { begin, reportProblems } from "./begin.ts";
import { deliverNotices } from "./deliver-notices.ts";
import type { Invocation } from "./invocation.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

/** The options of `magnets run-once`. */
export interface RunOnceOptions {
  readonly maxDeletes?: string;
  readonly json?: boolean;
}

/** A sweep ends itself after this long. */
const LONGEST_SWEEP_MS = 20 * 60_000;

/** `magnets run-once`: exactly one sweep over all accounts. */
export async function runOnce(invocation: Invocation, options: RunOnceOptions): Promise<ExitCode> {
  const maxDeletes = readMaxDeletes(options.maxDeletes);
  const { config, log } = await begin(invocation, { keysRequired: true });
  await becomeOwner(config.stateDir, config.file);
  const stop = createStopControl(LONGEST_SWEEP_MS, (message) => log.warning(message));
  const lock = await takeLock(config.stateDir).catch((error) => {
    stop.dispose();
    throw error;
  });
  try {
    const store = await openStore({
      folder: config.stateDir,
      mode: "write",
      now: () => new Date(),
      ...(config.legacyCounters ? { legacyCounters: config.legacyCounters } : {}),
    });
    const report = await sweepAndDeliver({ config, log, store, stop, maxDeletes });
    invocation.print(options.json ? [printJson(report)] : renderReport(report));
    return report.exit_code as ExitCode;
  } finally {
    stop.dispose();
    await lock.release();
  }
}

interface Run {
  readonly config: Config;
  readonly log: Log;
  readonly store: OpenedStore;
  readonly stop: StopControl;
  readonly maxDeletes: number | undefined;
}

async function sweepAndDeliver(run: Run): Promise<SweepReport> {
  const { config, log, store, stop } = run;
  const startedAt = new Date();
  let needsAttention = reportProblems(store, log);
  const outcome = await sweep({
    clients: createClients(config, stop, log),
    store,
    policy: { ...config, maxDeletes: run.maxDeletes ?? config.maxDeletesPerRun },
    log,
    now: () => new Date(),
    stopping: stop.stopping,
    longestGapSeconds: Math.max(2 * config.cycleSeconds, 3600),
    announce: config.webhookUrl !== undefined,
    dryRun: false,
  });
  needsAttention ||= outcome.attention.length > 0;
  if (await deliverNotices({ config, log, store, stop })) needsAttention = true;

  const cause = stop.cause();
  const report: SweepReport = {
    version: 1,
    started_at: startedAt.toISOString(),
    finished_at: new Date().toISOString(),
    dry_run: false,
    exit_code: cause?.exitCode ?? (needsAttention ? ExitCode.attention : ExitCode.ok),
    accounts: outcome.accounts,
    magnets: outcome.magnets,
    pending_notifications: store.outbox.pending.length,
  };
  store.sweeps.push(summarize(report));
  await store.saveSweeps();
  return report;
}

function createClients(config: Config, stop: StopControl, log: Log) {
  const limiter = new RateLimiter();
  return config.accounts.map((account) =>
    createAccountClient(account, {
      apiUrl: config.apiUrl,
      limiter,
      stopping: stop.stopping.signal,
      abort: stop.abort,
      debug: (message) => log.debug(`${account.name}: ${message}`),
      warn: (message) => log.warning(message),
    }),
  );
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
