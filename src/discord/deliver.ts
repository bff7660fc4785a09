import type { Log } from "../core/ports.ts";
import type { Notice, Outbox } from "../core/records.ts";
import { countOf, describeMagnet, notificationsWait } from "../core/text.ts";
import { buildMessage } from "./message.ts";
import type { Texts } from "./texts.ts";
import type { Webhook } from "./webhook.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What a delivery works with. */
export interface DeliverOptions {
  /** Changed in place. */
  readonly outbox: Outbox;
  /** Returns once the outbox is on disk. What it throws ends the delivery. */
  readonly save: () => Promise<void>;
  readonly webhook: Pick<Webhook, "send">;
  /** Fingerprint of the webhook's URL. */
  readonly fingerprint: string;
  readonly texts: Texts;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the run is ending: nothing more is sent. */
  readonly stopping: AbortSignal;
}

/**
 * Sends what waits in the outbox, oldest first, in few messages. A notice leaves the outbox only when Discord has
 * accepted it or refused it for good, and that is on disk before the next message: each is announced at least once.
 * What can't be sent now waits, and so does all that is behind it.
 *
 * @returns true when something needs attention: a notice was dropped, or could not be sent.
 */
export async function deliver(options: DeliverOptions): Promise<boolean> {
  const { outbox, save, texts, log, now, stopping } = options;
  const { pending } = outbox;
  if (pending.length > 0 && knownDead(options)) {
    const status = outbox.dead_webhook?.status;
    log.info(
      `Discord: the webhook is known to be dead (${status}) and is not called; ${notificationsWait(pending.length)}`,
    );
    return true;
  }
  let dropped = false;
  /** How many of the oldest go alone: Discord refused them together, and only the one at fault is to be lost. */
  let alone = 0;
  while (pending.length > 0 && !stopping.aborted) {
    const { payload, count } = buildMessage(alone > 0 ? pending.slice(0, 1) : pending, texts);
    const outcome = await options.webhook.send(payload);
    if (outcome.kind === "unavailable") {
      log.warning(`Discord: ${outcome.message}; ${notificationsWait(pending.length)} for the next sweep`);
      return true;
    }
    if (outcome.kind === "dead") {
      const { fingerprint } = options;
      const known = outbox.dead_webhook?.fingerprint === fingerprint;
      outbox.dead_webhook = {
        fingerprint,
        status: outcome.status,
        called_at: new Date(now()).toISOString(),
      };
      await save();
      const remedy = "create a new webhook and put its URL in discord_webhook_url";
      log[known ? "info" : "error"](
        `Discord: ${outcome.message}: ${remedy}; ${notificationsWait(pending.length)}`,
      );
      return true;
    }
    forgetDeadWebhook(outbox);
    if (outcome.kind === "refused" && count > 1) {
      alone = count;
      continue;
    }
    const [first] = pending.splice(0, count);
    alone = Math.max(0, alone - count);
    await save();
    if (outcome.kind === "delivered") {
      log.info(`Discord accepted ${countOf(count, "notification")}`);
    } else {
      dropped = true;
      log.error(
        `Discord refused the notification about ${subjectOf(first)}; it is dropped: ${outcome.reason}`,
      );
    }
  }
  return dropped;
}

/**
 * Whether the webhook is known to be dead and not to be called: it is once a day, in case that was Discord's mistake. A
 * call that lies in the future (the clock was set back) is not a reason to wait.
 */
function knownDead({ outbox, fingerprint, now }: DeliverOptions): boolean {
  const dead = outbox.dead_webhook;
  if (dead?.fingerprint !== fingerprint) return false;
  const age = now() - Date.parse(dead.called_at);
  return age >= 0 && age < DAY_MS;
}

/** Forgets that the webhook was dead, since it responded like a living one. */
export function forgetDeadWebhook(outbox: Outbox): void {
  delete outbox.dead_webhook;
}

function subjectOf(notice: Notice | undefined): string {
  return notice?.kind === "deletion"
    ? describeMagnet(notice.id, notice.filename)
    : `account ${notice?.account}`;
}
