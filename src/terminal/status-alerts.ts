import { notificationsWait } from "../core/count-of.ts";
import { RENEW_PREMIUM } from "../core/premium.ts";
import type { AccountStatus, StatusView } from "../core/status-view.ts";
import { ExitCode } from "../exit-codes.ts";
import { duration, relativeTime } from "./relative-time.ts";

/** Something for the owner to do, in a sentence. */
export interface Alert {
  readonly text: string;
  /** Something does not work; else it soon will not, or mends itself. */
  readonly urgent: boolean;
}

/** What needs the owner's hand, each with what to do. */
export function statusAlerts(view: StatusView): Alert[] {
  const now = Date.parse(view.generated_at);
  const { last_sweep: last, dead_webhook: dead, pending_notifications: pending } = view;
  const alerts: Alert[] = [];
  if (last && view.overdue) {
    const every = duration(view.cycle_seconds * 1000);
    const ago = relativeTime(last.finished_at, now);
    const due = `the last sweep was ${ago}, one should run every ${every}`;
    alerts.push({ text: `Overdue: ${due}. Find out why: magnets check`, urgent: true });
  }
  for (const account of view.accounts) alerts.push(...accountAlerts(account, now));
  if (dead) {
    const remedy = "make a new webhook and put its address into discord_webhook_url";
    const text = `Discord: the webhook is gone or its token is wrong (${dead.status}): ${remedy}`;
    alerts.push({ text, urgent: true });
  }
  if (pending > 0) {
    const text = `Discord: ${notificationsWait(pending)} to be sent; the next sweep tries again`;
    alerts.push({ text, urgent: false });
  }
  if (last && alerts.length === 0 && last.exit_code !== ExitCode.ok)
    alerts.push(...exitAlert(last.exit_code, view));
  return alerts;
}

function accountAlerts(account: AccountStatus, now: number): Alert[] {
  const { name, error, trouble, premium_until: until, premium_ending: ending } = account;
  const since = trouble ? ` (since ${relativeTime(trouble.since, now)})` : "";
  if (error !== null) return [{ text: `${name}${since}: ${error}`, urgent: true }];
  if (trouble) {
    const text = `${name}${since}: the account does not work (${trouble.code}). More: magnets check`;
    return [{ text, urgent: true }];
  }
  if (!ending || until === null) return [];
  const text = `${name}: premium ends ${relativeTime(until, now)}: ${RENEW_PREMIUM}`;
  return [{ text, urgent: false }];
}

/** Only where nothing else explains the code. */
function exitAlert(exitCode: number, { held }: StatusView): Alert[] {
  if (exitCode === ExitCode.attention && held.some(({ rule }) => rule === "max_deletes_per_run")) return [];
  const stopped = exitCode === ExitCode.interrupted || exitCode === ExitCode.terminated;
  if (stopped)
    return [{ text: "The last sweep was stopped before its end; the next one goes on", urgent: false }];
  const text = `The last sweep ended with exit code ${exitCode}: its log says what needed attention`;
  return [{ text, urgent: true }];
}
