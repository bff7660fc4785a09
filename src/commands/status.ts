import { fingerprint } from "../config/accounts.ts";
import { describeStatus } from "../core/status.ts";
import { ExitCode } from "../errors.ts";
import { readLastDeletions } from "../state/deletions-log.ts";
import { toJson } from "../terminal/json.ts";
import { renderStatus } from "../terminal/render-status.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

const LAST_DELETIONS = 5;

/** `magnets status`: what is tracked, the last sweep, what comes next. Reads files only, without the lock. */
export async function status(invocation: Invocation, { json }: { json?: boolean }): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: false });
  if (setup.handedOver !== undefined) return setup.handedOver;
  const { config, log } = setup;
  const store = await openState(config, "read", log);
  const view = describeStatus({
    store,
    sweeps: store.sweeps,
    lastDeletions: await readLastDeletions(config.stateDir, LAST_DELETIONS),
    accounts: config.accounts,
    webhook: config.webhookUrl === undefined ? undefined : fingerprint(config.webhookUrl),
    allKeysRead: config.allKeysRead,
    arrs: config.arrs,
    allArrsRead: config.allArrsRead,
    policy: { ...config, maxDeletes: config.maxDeletesPerRun },
    cycleSeconds: config.cycleSeconds,
    now: new Date(),
  });
  invocation.print(json ? [toJson(view)] : renderStatus(view, invocation));
  return ExitCode.ok;
}
