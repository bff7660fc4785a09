import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../core/ports.ts";
import type { Notice } from "../core/records.ts";
import { countOf, describeMagnet, notificationsWait } from "../core/text.ts";
import { type DeliveryEvent, deliver } from "../discord/deliver.ts";
import { textsFor } from "../discord/message.ts";
import { createWebhook } from "../discord/webhook.ts";
import type { Log } from "../terminal/log.ts";
import type { StopControl } from "./stop-control.ts";

/** Sends the notifications that wait in the outbox; true when one could not be delivered. */
export async function deliverNotices(
  { webhookUrl, language }: Config,
  store: Store,
  { signals }: StopControl,
  log: Log,
): Promise<boolean> {
  const { outbox } = store;
  if (outbox.pending.length === 0) return false;
  if (webhookUrl === undefined) {
    log.debug(`${notificationsWait(outbox.pending.length)} until a webhook is configured`);
    return false;
  }
  const { failed } = await deliver({
    outbox,
    save: () => store.saveOutbox(),
    webhook: createWebhook({ url: webhookUrl, signals }),
    fingerprint: fingerprint(webhookUrl),
    texts: textsFor(language),
    now: Date.now,
    stopping: signals.stopping,
    report: (event) => logEvent(log, event),
  });
  return failed;
}

function logEvent(log: Log, event: DeliveryEvent): void {
  if (event.kind === "delivered") {
    log.info(`Discord accepted ${countOf(event.notices.length, "notification")}`);
  } else if (event.kind === "dropped") {
    log.error(
      `Discord refused the notification about ${subject(event.notice)}; it is dropped: ${event.reason}`,
    );
  } else if (event.kind === "unavailable") {
    log.warning(`Discord: ${event.message}; ${notificationsWait(event.waiting)} for the next sweep`);
  } else if (event.kind === "dead") {
    const remedy = "create a new webhook and put its URL in discord_webhook_url";
    const line = `Discord: ${event.message}: ${remedy}; ${notificationsWait(event.waiting)}`;
    if (event.first) log.error(line);
    else log.info(line);
  } else {
    log.info(`${event.message}; ${notificationsWait(event.waiting)}`);
  }
}

function subject(notice: Notice): string {
  return notice.kind === "deletion"
    ? describeMagnet(notice.id, notice.filename)
    : `account ${notice.account}`;
}
