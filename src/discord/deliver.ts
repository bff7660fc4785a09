import type { Notice, Outbox } from "../core/records.ts";
import { buildMessages } from "./message.ts";
import { LIMITS } from "./payload.ts";
import type { SendOutcome } from "./responses.ts";
import type { Texts } from "./texts.ts";
import type { Webhook } from "./webhook.ts";

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

/** Something that happened while notices were delivered; each is worth a line in the log. */
export type DeliveryEvent =
  | { readonly kind: "delivered"; readonly notices: readonly Notice[] }
  /** Discord refused this notice for good, so it is not kept. */
  | { readonly kind: "dropped"; readonly notice: Notice; readonly reason: string }
  /** The rest waits for the next sweep. */
  | { readonly kind: "unavailable"; readonly message: string; readonly waiting: number }
  /** The webhook does not exist any more. `first`: the owner was not told of it before. */
  | { readonly kind: "dead"; readonly message: string; readonly waiting: number; readonly first: boolean }
  /** The webhook is known to be dead and was not called. */
  | { readonly kind: "skipped"; readonly message: string; readonly waiting: number };

/** What a delivery works with. */
export interface DeliverOptions {
  /** Changed in place. */
  readonly outbox: Outbox;
  /** Returns once the disk has the outbox. What it throws ends the delivery. */
  readonly save: () => Promise<void>;
  readonly webhook: Pick<Webhook, "send">;
  /** Fingerprint of the webhook's address. */
  readonly fingerprint: string;
  readonly texts: Texts;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborted when the run is ending: nothing new is sent. */
  readonly stopping: AbortSignal;
  readonly report: (event: DeliveryEvent) => void;
}

/** What became of the notices that waited. */
export interface DeliveryReport {
  readonly delivered: number;
  readonly dropped: number;
  /** What waits for the next sweep. */
  readonly waiting: number;
  /** Something needs attention: a notice was dropped, or could not be sent. */
  readonly failed: boolean;
}

/**
 * Sends what waits in the outbox, oldest first, in few messages. A notice leaves the outbox only when Discord
 * took it or refused it for good, and the disk knows that before the next message: each is told at least once.
 * What can't be sent now waits, and so does all that is behind it.
 */
export async function deliver(options: DeliverOptions): Promise<DeliveryReport> {
  const { outbox, texts, stopping, report, fingerprint } = options;
  const count = { delivered: 0, dropped: 0 };
  let blocked = false;

  /** Sends the oldest `most` notices, as many as fit in one message; true when the next may follow. */
  const sendFirst = async (most: number): Promise<boolean> => {
    const [message] = buildMessages(outbox.pending.slice(0, most), texts);
    if (!message || stopping.aborted) return false;
    const outcome = await options.webhook.send(message.payload);
    if (outcome.kind === "unavailable" || outcome.kind === "dead") {
      await giveUp(outcome);
      return false;
    }
    noteAnswer(outbox);
    const { notices } = message;
    const [oldest] = notices;
    if (outcome.kind === "delivered") {
      count.delivered += notices.length;
      await settle(notices.length);
      report({ kind: "delivered", notices });
    } else if (oldest && notices.length === 1) {
      count.dropped++;
      await settle(1);
      report({ kind: "dropped", notice: oldest, reason: outcome.reason });
    } else {
      // One bad embed spoils the whole message, so each goes alone and only the bad one is lost.
      for (let i = 0; i < notices.length; i++) if (!(await sendFirst(1))) return false;
    }
    return true;
  };

  const settle = async (notices: number): Promise<void> => {
    outbox.pending.splice(0, notices);
    await options.save();
  };

  const giveUp = async (outcome: Extract<SendOutcome, { message: string }>): Promise<void> => {
    blocked = true;
    const waiting = outbox.pending.length;
    if (outcome.kind === "unavailable")
      return report({ kind: "unavailable", message: outcome.message, waiting });
    const first = noteDead(outbox, { fingerprint, status: outcome.status, now: options.now() });
    await options.save();
    report({ kind: "dead", message: outcome.message, waiting, first });
  };

  if (outbox.pending.length > 0 && !mayCall(outbox, fingerprint, options.now())) {
    blocked = true;
    const message = `Discord answered ${outbox.dead_webhook?.status} for this webhook`;
    report({ kind: "skipped", message, waiting: outbox.pending.length });
  } else {
    while (await sendFirst(LIMITS.embeds));
  }
  return { ...count, waiting: outbox.pending.length, failed: blocked || count.dropped > 0 };
}
