import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/config.ts";
import type { Store } from "../core/ports.ts";
import { notificationsWait } from "../core/text.ts";
import { deliver } from "../discord/deliver.ts";
import { textsFor } from "../discord/texts.ts";
import { createWebhook } from "../discord/webhook.ts";
import type { Log } from "../terminal/log.ts";
import type { StopControl } from "./stop-control.ts";

/** Sends the notifications that wait in the outbox; true when one could not be delivered. */
export async function deliverNotices(
  { webhookUrl, language, command }: Config,
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
  return deliver({
    outbox,
    save: () => store.saveOutbox(),
    webhook: createWebhook({ url: webhookUrl, signals, debug: log.debug }),
    fingerprint: fingerprint(webhookUrl),
    texts: textsFor(language, command),
    log,
    now: Date.now,
    stopping: signals.stopping,
  });
}
