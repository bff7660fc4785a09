import type { Outbox } from "../core/notice.ts";

const DAY_MS = 24 * 3600 * 1000;

/**
 * Whether the webhook may be called: not when it is known to be dead, except once a day, in case it was
 * Discord's mistake. A call that lies in the future (the clock was set back) is no reason to wait.
 */
export function mayCall(outbox: Outbox, fingerprint: string, now: number): boolean {
  const dead = outbox.dead_webhook;
  if (dead?.fingerprint !== fingerprint) return true;
  const age = now - Date.parse(dead.called_at);
  return !(age >= 0 && age < DAY_MS);
}

/** Remembers that the webhook is dead; true when that was not known of this address before. */
export function noteDead(
  outbox: Outbox,
  call: { fingerprint: string; status: number; now: number },
): boolean {
  const { fingerprint, status, now } = call;
  const first = outbox.dead_webhook?.fingerprint !== fingerprint;
  outbox.dead_webhook = { fingerprint, status, called_at: new Date(now).toISOString() };
  return first;
}

/** Forgets that the webhook was dead: it answered like a living one. */
export function noteAnswer(outbox: Outbox): void {
  delete outbox.dead_webhook;
}
