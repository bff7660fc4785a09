import type { Config } from "../config/config.ts";
import type { SweepReport } from "../core/report.ts";
import type { ExitCode } from "../exit-codes.ts";
import { openStore } from "../state/open-store.ts";
import type { Log } from "../terminal/log.ts";
import { printJson } from "../terminal/print-json.ts";
import { renderReport } from "../terminal/render-report.ts";
import type { Invocation } from "./invocation.ts";
import type { StopControl } from "./stop-control.ts";
import { sweepAndDeliver } from "./sweep-and-deliver.ts";

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
      keepRoom: true,
      legacyCounters: config.legacyCounters,
    });
    const report = await sweepAndDeliver({ ...call, store, progress }).finally(() => store.close());
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
  const { renderDryRun } = await import("../terminal/render-dry-run.ts");
  return renderDryRun(report, invocation);
}
