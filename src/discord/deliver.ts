import type { Log } from "../core/ports.ts";
import type { Notice, Outbox } from "../core/records.ts";
import { cleanText, countOf, describeMagnet, notificationsWait } from "../core/text.ts";
import { buildMessage, plainMessage } from "./message.ts";
import type { Blocked, Dead } from "./responses.ts";
import type { Texts } from "./texts.ts";
import type { Webhook } from "./webhook.ts";

const DAY_MS = 24 * 3600 * 1000;

/** What a delivery works with. */
export interface DeliverOptions {
  /** Changed in place. */
  readonly outbox: Outbox;
  /** Returns once the outbox is on disk. What it throws ends the delivery. */
  readonly save: () => Promise<void>;
  readonly webhook: Pick<Webhook, "host" | "send">;
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
 * accepted it or finds fault with its plainest form, and that is on disk before the next message: each is announced at
 * least once. What can't be sent now waits, and so does all that is behind it.
 *
 * @returns true when something needs attention: a notice was dropped, or could not be sent.
 */
export async function deliver(options: DeliverOptions): Promise<boolean> {
  const { outbox, save, webhook, texts, log, stopping } = options;
  const { pending } = outbox;
  if (pending.length > 0 && knownDead(options)) {
    const status = outbox.dead_webhook?.status;
    log.info(
      `Discord: the webhook is known to be dead (${status}) and is not called; ${notificationsWait(pending.length)}`,
    );
    return true;
  }
  let dropped = false;
  /** How many of the oldest go alone: Discord refused them together, and one of them may be at fault. */
  let alone = 0;
  for (let [first] = pending; first !== undefined && !stopping.aborted; [first] = pending) {
    const message = buildMessage(alone > 0 ? [first] : pending, texts);
    let { count } = message;
    let outcome = await webhook.send(message.payload);
    let refusal: string | undefined;
    if (outcome.kind === "refused") {
      // What is refused even without a stranger's word is not the message's fault, unless Discord says so.
      refusal = outcome.reason;
      alone = Math.max(alone, count);
      count = 1;
      outcome = await webhook.send(plainMessage(first, texts));
    }
    if (outcome.kind === "unavailable") {
      log.warning(`Discord: ${outcome.message}; ${notificationsWait(pending.length)} for the next sweep`);
      return true;
    }
    if (outcome.kind === "refused" && !outcome.blamesMessage) {
      const message = `POST ${webhook.host}: ${outcome.reason}`;
      outcome = { kind: "blocked", message, remedy: outcome.remedy };
    }
    if (outcome.kind === "dead" || outcome.kind === "blocked") return noteRefusal(options, outcome);
    forgetRefusals(outbox);
    pending.splice(0, count);
    alone = Math.max(0, alone - count);
    await save();
    if (outcome.kind === "refused") {
      dropped = true;
      log.error(
        `Discord refused the notification about ${subjectOf(first)}; it is dropped: ${outcome.reason}`,
      );
    } else if (refusal !== undefined) {
      log.warning(`Discord accepted the notification about ${subjectOf(first)} only in short: ${refusal}`);
    } else log.info(`Discord accepted ${countOf(count, "notification")}`);
  }
  return dropped;
}

/** Remembers what keeps all messages out, for the next sweep, `status` and `check`; the log says so loudly once. */
async function noteRefusal(
  { outbox, save, fingerprint, log, now }: DeliverOptions,
  outcome: Dead | Blocked,
): Promise<true> {
  const { dead_webhook: dead, blocked_webhook: blocked } = outbox;
  const { message, remedy } = outcome;
  const time = new Date(now()).toISOString();
  const isDead = outcome.kind === "dead";
  const isBlocked = blocked?.fingerprint === fingerprint && blocked.message === message;
  const known = isDead ? dead?.fingerprint === fingerprint : isBlocked;
  forgetRefusals(outbox);
  if (isDead) outbox.dead_webhook = { fingerprint, status: outcome.status, called_at: time };
  else outbox.blocked_webhook = { fingerprint, message, remedy, since: isBlocked ? blocked.since : time };
  await save();
  const wait = notificationsWait(outbox.pending.length);
  log[known ? "info" : "error"](`Discord: ${message}: ${remedy}; ${wait}`);
  return true;
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

/** Forgets that the webhook was dead or its channel closed, since it responds otherwise now. */
export function forgetRefusals(outbox: Outbox): void {
  delete outbox.dead_webhook;
  delete outbox.blocked_webhook;
}

function subjectOf(notice: Notice): string {
  return notice.kind === "deletion"
    ? describeMagnet(notice.id, notice.filename)
    : `the account "${cleanText(notice.account, 80)}"`;
}
