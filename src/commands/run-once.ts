import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { OTHER_LIMITS, RateLimiter, resumeRateLimiter, SIGN_OF_LIFE_MS } from "../alldebrid/rate-limiter.ts";
import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/load-config.ts";
import type { Log } from "../core/ports.ts";
import { type SweepReport, summarize } from "../core/report.ts";
import { sweep } from "../core/sweep.ts";
import { notificationsWait } from "../core/text.ts";
import { deliver } from "../discord/deliver.ts";
import { textsFor } from "../discord/texts.ts";
import { createWebhook } from "../discord/webhook.ts";
import { ExitCode, MagnetsError, UsageError } from "../errors.ts";
import { createHealthcheck, type Healthcheck } from "../healthcheck/healthcheck.ts";
import { waitForNetwork } from "../http/wait-for-network.ts";
import { takeLock } from "../state/run-lock.ts";
import type { OpenedStore } from "../state/store.ts";
import { createProgress } from "../terminal/progress.ts";
import { renderDryRun, renderReport } from "../terminal/render-run.ts";
import { toJson } from "../terminal/screen.ts";
import { previewArrsTurn, takeArrsTurn } from "./arrs-turn.ts";
import { createClients } from "./clients.ts";
import type { Invocation } from "./invocation.ts";
import { openState, type Ready, setUp } from "./setup.ts";
import { createStopControl, type StopControl } from "./stop-control.ts";

const LONGEST_SWEEP_MS = 20 * 60_000;

/** `magnets run-once`: exactly one sweep over all accounts. A dry run takes no lock and changes nothing. */
export async function runOnce(
  invocation: Invocation,
  options: { maxDeletes?: string; dryRun?: boolean; json?: boolean },
): Promise<ExitCode> {
  const { dryRun = false, json = false } = options;
  const maxDeletes = readMaxDeletes(options.maxDeletes);
  // Made before `setUp` can fail as root, so that the monitor hears of that.
  let healthcheck: Healthcheck | undefined;
  const onConfig = ({ healthcheckUrl }: Config, log: Log) => {
    healthcheck = createHealthcheck(dryRun ? undefined : healthcheckUrl, log.warning);
  };
  try {
    const setup = await setUp(invocation, { keysRequired: true, onConfig });
    // Root's child process did it all as the state's owner, the monitor included.
    if (typeof setup === "number") return setup;
    const config = { ...setup.config, maxDeletes: maxDeletes ?? setup.config.maxDeletes };
    const report = await sweepOnce(invocation, { ...setup, config }, dryRun, healthcheck);
    const render = dryRun ? renderDryRun : renderReport;
    invocation.print(json ? [toJson(report)] : render(report, invocation));
    await healthcheck?.finish(report.exit_code);
    return report.exit_code;
  } catch (error) {
    await healthcheck?.finish(error instanceof MagnetsError ? error.exitCode : ExitCode.failed);
    throw error;
  }
}

async function sweepOnce(
  { env, statusLine }: Invocation,
  { config, log }: Ready,
  dryRun: boolean,
  healthcheck: Healthcheck | undefined,
): Promise<SweepReport> {
  using stop = createStopControl(LONGEST_SWEEP_MS, log);
  using progress = statusLine && createProgress(statusLine);
  await using _lock = dryRun ? undefined : await takeLock(config.stateDir);
  if (!dryRun) await awaitNetwork(config, env, stop, log);
  healthcheck?.start();

  const startedAt = new Date();
  const store = await openState(config, dryRun ? "read" : "write", log);
  // A dry run is not the sweep: it may run beside one.
  const limiter = dryRun
    ? new RateLimiter(OTHER_LIMITS)
    : resumeRateLimiter(store.sweeps.at(-1), store.running.alive_at, startedAt);
  using signs = await giveSignsOfLife(store);

  const { accounts, magnets, attention } = await sweep({
    clients: createClients(config, stop, log, { limiter }),
    store,
    policy: config,
    log,
    now: () => new Date(),
    sleep: (ms) => sleep(ms, undefined, { signal: stop.signals.stopping }).catch(() => {}),
    newKey: randomUUID,
    fingerprint,
    stopping: stop.stopping,
    cycleSeconds: config.cycleSeconds,
    command: config.command,
    announce: config.webhookUrl !== undefined,
    arrs: config.arrs.map(({ name }) => name),
    dryRun,
    progress,
  });

  const keyRefused = await (dryRun ? previewArrsTurn : takeArrsTurn)(config, store, magnets, stop, log);
  const undelivered = !dryRun && (await deliverNotices(config, store, stop, log));

  const damaged = store.problems.some(({ severity }) => severity === "error");
  const needsAttention = attention.length > 0 || keyRefused || undelivered || damaged;
  const report: SweepReport = {
    version: 1,
    started_at: startedAt.toISOString(),
    finished_at: new Date().toISOString(),
    dry_run: dryRun,
    exit_code: stop.exitCode() ?? (needsAttention ? ExitCode.attention : ExitCode.ok),
    accounts,
    magnets,
    pending_notifications: store.outbox.pending.length,
  };
  await recordSweep(store, report, limiter);
  await signs.end();
  return report;
}

/** Only the newest sweep's requests can matter to the next one. */
async function recordSweep(store: OpenedStore, report: SweepReport, limiter: RateLimiter): Promise<void> {
  for (const earlier of store.sweeps) delete earlier.recent_requests_ms;
  store.sweeps.push({ ...summarize(report), recent_requests_ms: limiter.recentMs() });
  await store.saveSweeps();
}

async function awaitNetwork(config: Config, env: NodeJS.ProcessEnv, { signals }: StopControl, log: Log) {
  const urls = [config.apiUrl, config.webhookUrl ?? [], config.healthcheckUrl ?? []].flat();
  const onWait = (code: string) =>
    log.info(`the network can't be reached (${code}): waiting for it for up to a minute`);
  await waitForNetwork(urls, env, { signal: signals.stopping, onWait });
}

/** Sends the notifications that wait in the outbox; true when one could not be delivered. */
async function deliverNotices(config: Config, store: OpenedStore, { signals }: StopControl, log: Log) {
  const { webhookUrl, language, command } = config;
  const { outbox } = store;
  if (outbox.pending.length === 0) return false;
  if (webhookUrl === undefined) {
    log.debug(`${notificationsWait(outbox.pending.length)} until a webhook is configured`);
    return false;
  }
  return deliver({
    outbox,
    save: store.saveOutbox,
    webhook: createWebhook({ url: webhookUrl, signals, debug: log.debug }),
    fingerprint: fingerprint(webhookUrl),
    texts: textsFor(language, command),
    log,
    now: Date.now,
    stopping: signals.stopping,
  });
}

/**
 * Keeps a mark on disk that a sweep is under way, and when it was last alive: after one that was killed, the next knows
 * by it which requests AllDebrid may still count.
 */
export async function giveSignsOfLife(store: OpenedStore) {
  const sign = () => {
    store.running.alive_at = new Date().toISOString();
    return store.saveRunning();
  };
  await sign();
  // A disk that fails shows at the next save that matters.
  const timer = setInterval(() => void sign().catch(() => {}), SIGN_OF_LIFE_MS);
  const stop = () => clearInterval(timer);
  /** The sweep ended well: takes the mark away, which stays otherwise. */
  const end = async () => {
    stop();
    delete store.running.alive_at;
    await store.saveRunning();
  };
  return { end, [Symbol.dispose]: stop };
}

function readMaxDeletes(option: string | undefined): number | undefined {
  if (option === undefined) return undefined;
  if (/^\d{1,9}$/.test(option)) return Number(option);
  const hint = "0 is no limit. To see what is due, run magnets run-once --dry-run";
  throw new UsageError(`--max-deletes: expected a whole number such as 50; ${hint}`);
}
