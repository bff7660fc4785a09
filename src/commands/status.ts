import { describeStatus } from "../core/status.ts";
import { ExitCode } from "../errors.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { readLastDeletions } from "../state/deletions-log.ts";
import { openStore } from "../state/store.ts";
import type { Invocation } from "./invocation.ts";
import { begin, reportProblems } from "./setup.ts";

/** The options of `magnets status`. */
export interface StatusOptions {
  readonly json?: boolean;
}

const LAST_DELETIONS = 5;

/** `magnets status`: what is tracked, the last sweep, what comes next. Reads files only, without the lock. */
export async function status(invocation: Invocation, options: StatusOptions): Promise<ExitCode> {
  const { config, log } = await begin(invocation, { keysRequired: false });
  const done = await becomeOwner(config.stateDir, config.file);
  if (done !== undefined) return done;
  const [store, lastDeletions] = await Promise.all([
    openStore({
      folder: config.stateDir,
      mode: "read",
      now: () => new Date(),
      legacyCounters: config.legacyCounters,
    }),
    readLastDeletions(config.stateDir, LAST_DELETIONS),
  ]);
  reportProblems(store, log, "read");
  const view = describeStatus({
    store,
    sweeps: store.sweeps,
    lastDeletions,
    accounts: config.accounts,
    policy: { ...config, maxDeletes: config.maxDeletesPerRun },
    cycleSeconds: config.cycleSeconds,
    now: new Date(),
  });
  invocation.print(await render(view, invocation, options));
  return ExitCode.ok;
}

async function render(
  view: ReturnType<typeof describeStatus>,
  invocation: Invocation,
  { json }: StatusOptions,
): Promise<string[]> {
  if (json) return [(await import("../terminal/render-run.ts")).printJson(view)];
  return (await import("../terminal/render-status.ts")).renderStatus(view, invocation);
}
