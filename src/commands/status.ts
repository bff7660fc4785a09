import { fingerprint } from "../config/accounts.ts";
import { SYSTEM_CONFIG } from "../config/config-file.ts";
import { describeStatus, type StatusInput } from "../core/status.ts";
import { ExitCode } from "../errors.ts";
import { sudo } from "../permissions.ts";
import { readDeletions } from "../state/deletion-logs.ts";
import { findStarter } from "../system/starter.ts";
import { renderStatus } from "../terminal/render-status.ts";
import { toJson } from "../terminal/screen.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";

const LAST_DELETIONS = 5;

/** `magnets status`: what is tracked, the last sweep, what comes next. Takes no lock; asks systemd for the timer. */
export async function status(invocation: Invocation, { json }: { json?: boolean }): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: false });
  if (typeof setup === "number") return setup;
  const { config, log } = setup;
  const store = await openState(config, "read", log);
  const { env } = invocation;
  const now = new Date();
  // Lines that can't be read are for those to report who need all.
  const { entries: deletions } = await readDeletions(config.stateDir);
  const view = describeStatus({
    store,
    config,
    now,
    lastDeletions: deletions.slice(-LAST_DELETIONS).reverse(),
    webhook: config.webhookUrl === undefined ? undefined : fingerprint(config.webhookUrl),
    configured:
      config.file !== undefined || Boolean(env.MAGNETS_API_KEYS?.trim() || env.MAGNETS_API_KEYS_FILE?.trim()),
    timer: config.file === SYSTEM_CONFIG ? await askTimer(env, now) : undefined,
  });
  invocation.print(json ? [toJson(view)] : renderStatus(view, { ...invocation, command: config.command }));
  return ExitCode.ok;
}

/** What systemd says of the service's timer; undefined without systemd, and where cron starts sweeps instead. */
async function askTimer(env: NodeJS.ProcessEnv, now: Date): Promise<StatusInput["timer"]> {
  const { timer, isActive, next, cron } = await findStarter(env, now);
  if (timer === undefined || cron !== undefined) return undefined;
  const enable = `To start it, run ${sudo()}systemctl enable --now magnets.timer`;
  const install = "Install it with deploy/install.sh, or use cron";
  return { active: isActive, next, remedy: timer.LoadState === undefined ? install : enable };
}
