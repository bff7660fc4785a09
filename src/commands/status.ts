import { describeStatus } from "../core/describe-status.ts";
import { ExitCode } from "../exit-codes.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { openStore } from "../state/open-store.ts";
import { printJson } from "../terminal/print-json.ts";
import { renderStatus } from "../terminal/render-status.ts";
import { begin, reportProblems } from "./begin.ts";
import type { Invocation } from "./invocation.ts";

/** The options of `magnets status`. */
export interface StatusOptions {
  readonly json?: boolean;
}

/** `magnets status`: what is tracked, the last sweep, what comes next. Reads files only, without the lock. */
export async function status(invocation: Invocation, options: StatusOptions): Promise<ExitCode> {
  const { config, log } = await begin(invocation, { keysRequired: false });
  await becomeOwner(config.stateDir, config.file);
  const store = await openStore({
    folder: config.stateDir,
    mode: "read",
    now: () => new Date(),
    ...(config.legacyCounters ? { legacyCounters: config.legacyCounters } : {}),
  });
  reportProblems(store, log);
  const now = new Date();
  const names = new Map(config.accounts.map(({ fingerprint, name }) => [fingerprint, name]));
  const view = describeStatus({ store, sweeps: store.sweeps, names, config, now });
  const { columns } = invocation;
  invocation.print(options.json ? [printJson(view)] : renderStatus(view, { now, columns }));
  return ExitCode.ok;
}
