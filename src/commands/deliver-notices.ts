import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../core/ports.ts";
import type { Notice } from "../core/records.ts";
import { countOf, describeMagnet, notificationsWait } from "../core/text.ts";
import type { DeliveryEvent } from "../discord/deliver.ts";
import type { Log } from "../terminal/log.ts";
import type { StopControl } from "./stop-control.ts";

/** Sends what waits in the outbox; true when something could not be told. */
export async function deliverNotices(run: {
  readonly config: Config;
  readonly log: Log;
  readonly store: Store;
  readonly stop: StopControl;
}): Promise<boolean> {
  const { config, log, store, stop } = run;
  const { webhookUrl } = config;
  if (store.outbox.pending.length === 0) return false;
  if (webhookUrl === undefined) {
    log.debug(`${notificationsWait(store.outbox.pending.length)} for a webhook`);
    return false;
  }
  const [{ deliver }, { createWebhook }, { textsFor }] = await Promise.all([
    import("../discord/deliver.ts"),
    import("../discord/webhook.ts"),
    import("../discord/message.ts"),
  ]);
  const report = await deliver({
    outbox: store.outbox,
    save: () => store.saveOutbox(),
    webhook: createWebhook({
      url: webhookUrl,
      signals: { stopping: stop.stopping.signal, abort: stop.abort },
    }),
    fingerprint: fingerprint(webhookUrl),
    texts: textsFor(config.language),
    now: Date.now,
    stopping: stop.stopping.signal,
    report: (event) => logEvent(log, event),
  });
  return report.failed;
}

function logEvent(log: Log, event: DeliveryEvent): void {
  if (event.kind === "delivered") {
    log.info(`Discord took ${countOf(event.notices.length, "notification")}`);
  } else if (event.kind === "dropped") {
    log.error(
      `Discord refused the notification about ${subject(event.notice)} for good, it is dropped: ${event.reason}`,
    );
  } else if (event.kind === "unavailable") {
    log.warning(`Discord: ${event.message}; ${notificationsWait(event.waiting)} for the next sweep`);
  } else if (event.kind === "dead") {
    const remedy = "make a new webhook and put its address into discord_webhook_url";
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
