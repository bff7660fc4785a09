import type { Log } from "../core/ports.ts";
import type { Notice, Outbox } from "../core/records.ts";
import { cleanText, countOf, describeMagnet, notificationsWait } from "../core/text.ts";
import { DAY_SECONDS, secondsSince } from "../core/time.ts";
import { buildMessage, plainMessage } from "./message.ts";
import type { Rejection } from "./responses.ts";
import type { Texts } from "./texts.ts";
import type { Webhook } from "./webhook.ts";

/** What a delivery works with. */
export interface DeliverOptions {
  /** Changed in place. */
  readonly outbox: Outbox;
  /** Returns once the outbox is on disk. What it throws ends the delivery. */
  readonly save: () => Promise<void>;
  readonly webhook: Pick<Webhook, "send">;
  /** Of the webhook's URL. */
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
 * least once. What can't be sent now waits, and so does all that is behind it. Returns true when something needs
 * attention: a notice was dropped, or could not be sent.
 */
export async function deliver(options: DeliverOptions): Promise<boolean> {
  const { outbox, save, webhook, texts, log, stopping } = options;
  const { pending, dead_webhook: dead } = outbox;
  if (pending.length > 0 && isKnownDead(options)) {
    const what = `the webhook is known to be dead (${dead?.status}) and is not called`;
    log.info(`Discord: ${what}; ${notificationsWait(pending.length)}`);
    return true;
  }
  let dropped = false;
  /** How many of the oldest go alone: Discord refused them together, and one of them may be at fault. */
  let alone = 0;
  for (let [first] = pending; first !== undefined && !stopping.aborted; [first] = pending) {
    let { payload, count } = buildMessage(alone > 0 ? [first] : pending, texts);
    let outcome = await webhook.send(payload);
    let refusal: string | undefined;
    if (outcome.kind === "refused") {
      refusal = outcome.message;
      alone = Math.max(alone, count);
      count = 1;
      outcome = await webhook.send(plainMessage(first, texts));
    }
    if (outcome.kind === "unavailable") {
      log.warning(`Discord: ${outcome.message}; ${notificationsWait(pending.length)} for the next sweep`);
      return true;
    }
    // Still refused in its plainest form, without a stranger's word: then only Discord's own can blame the message.
    if (outcome.kind !== "success" && !(outcome.kind === "refused" && outcome.blamesMessage)) {
      return noteRejection(options, outcome);
    }
    forgetRefusals(outbox);
    pending.splice(0, count);
    alone = Math.max(0, alone - count);
    await save();
    const notice = `the notification about ${subjectOf(first)}`;
    if (outcome.kind === "refused") {
      dropped = true;
      log.error(`Discord refused ${notice}; it is dropped: ${outcome.message}`);
    } else if (refusal !== undefined) log.warning(`Discord accepted ${notice} only in short: ${refusal}`);
    else log.info(`Discord accepted ${countOf(count, "notification")}`);
  }
  return dropped;
}

/** Remembers what keeps all messages out, for the next sweep, `status` and `check`; the log says so loudly once. */
async function noteRejection(
  { outbox, save, fingerprint, log, now }: DeliverOptions,
  { kind, status, message, remedy }: Rejection,
): Promise<true> {
  const { dead_webhook: dead, blocked_webhook: blocked } = outbox;
  const time = new Date(now()).toISOString();
  const isBlocked = blocked?.fingerprint === fingerprint && blocked.message === message;
  const isKnown = kind === "dead" ? dead?.fingerprint === fingerprint : isBlocked;
  forgetRefusals(outbox);
  if (kind === "dead") outbox.dead_webhook = { fingerprint, status, called_at: time };
  else outbox.blocked_webhook = { fingerprint, message, remedy, since: isBlocked ? blocked.since : time };
  await save();
  const line = `Discord: ${message}: ${remedy}; ${notificationsWait(outbox.pending.length)}`;
  log[isKnown ? "info" : "error"](line);
  return true;
}

/** One that is known to be dead is called once a day, in case that was Discord's mistake. */
function isKnownDead({ outbox: { dead_webhook: dead }, fingerprint, now }: DeliverOptions): boolean {
  if (dead?.fingerprint !== fingerprint) return false;
  // A call that lies in the future (the clock was set back) is not a reason to wait.
  return (secondsSince(dead.called_at, new Date(now())) ?? DAY_SECONDS) < DAY_SECONDS;
}

/** Forgets that the webhook was dead or its channel closed, since it responds otherwise now. */
export function forgetRefusals(outbox: Outbox): void {
  delete outbox.dead_webhook;
  delete outbox.blocked_webhook;
}

function subjectOf(notice: Notice): string {
  if (notice.kind === "deletion") return describeMagnet(notice.id, notice.filename);
  return `the account "${cleanText(notice.account, 80)}"`;
}
