import type { Config } from "../config/config.ts";
import { overdueAfterSeconds } from "../core/overdue-after.ts";
import type { Progress } from "../core/progress.ts";
import { type SweepReport, summarize } from "../core/report.ts";
import { sweep } from "../core/sweep.ts";
import { ExitCode } from "../exit-codes.ts";
import type { OpenedStore } from "../state/open-store.ts";
import type { Log } from "../terminal/log.ts";
import { createClients } from "./create-clients.ts";
import { deliverNotices } from "./deliver-notices.ts";
import { goOnWithPace, rememberPace } from "./pace.ts";
import { reportProblems } from "./report-problems.ts";
import type { StopControl } from "./stop-control.ts";

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
