import type { Config } from "../config/config.ts";
import { UsageError } from "../errors.ts";
import type { ExitCode } from "../exit-codes.ts";
import { createHealthcheck, type Healthcheck, reportEnd } from "../healthcheck/healthcheck.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { takeLock } from "../state/run-lock.ts";
import type { Log } from "../terminal/log.ts";
import { begin } from "./begin.ts";
import type { Invocation } from "./invocation.ts";
import { spareMemory } from "./spare-memory.ts";
import { createStopControl } from "./stop-control.ts";

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
  invocation.letReadersStall();
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

async function runLocked(call: Call): Promise<ExitCode> {
  const { config, log, dryRun, healthcheck } = call;
  await becomeOwner(config.stateDir, config.file);
  const stop = createStopControl(LONGEST_SWEEP_MS, (message) => log.warning(message));
  const lock = dryRun
    ? undefined
    : await takeLock(config.stateDir, undefined, () => void loadSweep().catch(() => {})).catch((error) => {
        stop.dispose();
        throw error;
      });
  healthcheck.start();
  try {
    const sweepState = await loadSweep();
    return await sweepState({ ...call, stop });
  } finally {
    stop.dispose();
    await lock?.release();
  }
}

/** Nearly all of the program: loaded while another process does the locking. */
async function loadSweep() {
  const [{ sweepState }, { prepareRequests }] = await Promise.all([
    import("./sweep-state.ts"),
    import("../alldebrid/prepare-requests.ts"),
  ]);
  await prepareRequests();
  return sweepState;
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
