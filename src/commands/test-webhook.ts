import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/load-config.ts";
import type { Log } from "../core/ports.ts";
import { forgetRefusals } from "../discord/deliver.ts";
import { sampleMessage } from "../discord/message.ts";
import { textsFor } from "../discord/texts.ts";
import { createWebhook } from "../discord/webhook.ts";
import { ExitCode, LockedError, StateError, UsageError } from "../errors.ts";
import { takeLock } from "../state/run-lock.ts";
import { wrapText } from "../terminal/layout.ts";
import type { Invocation } from "./invocation.ts";
import { openState, setUp } from "./setup.ts";
import { createStopControl } from "./stop-control.ts";

const LONGEST_TEST_MS = 2 * 60_000;

/** `magnets test-webhook`: posts a sample notification and says what Discord answered. */
export async function testWebhook(invocation: Invocation): Promise<ExitCode> {
  const setup = await setUp(invocation, { keysRequired: true });
  if (typeof setup === "number") return setup;
  const { config, log } = setup;
  const { webhookUrl } = config;
  if (webhookUrl === undefined) {
    const where = "Discord: Server Settings, Integrations, Webhooks";
    throw new UsageError(
      `no webhook is configured: create one (${where}) and put its URL in discord_webhook_url`,
    );
  }
  using stop = createStopControl(LONGEST_TEST_MS, log);
  const webhook = createWebhook({ url: webhookUrl, signals: stop.signals, debug: log.debug });
  const outcome = await webhook.send(sampleMessage(textsFor(config.language)));
  if (outcome.kind === "success") {
    const message = `Discord accepted the sample notification (${outcome.status}): look for it in the channel`;
    invocation.print(wrapText(message, invocation));
    await reviveWebhook(config, fingerprint(webhookUrl), log);
    return ExitCode.ok;
  }
  const remedy = "remedy" in outcome ? `: ${outcome.remedy}` : "";
  log.error(`the sample notification was not delivered: ${outcome.message}${remedy}`);
  return stop.exitCode() ?? ExitCode.failed;
}

/** Forgets why this webhook was refused, so that the next sweep calls it at once. */
async function reviveWebhook(config: Config, webhook: string, log: Log): Promise<void> {
  try {
    const { outbox } = await openState(config, "read");
    const refused = outbox.dead_webhook ?? outbox.blocked_webhook;
    if (refused?.fingerprint !== webhook) return;
    await using _lock = await takeLock(config.stateDir);
    const store = await openState(config, "write");
    forgetRefusals(store.outbox);
    await store.saveOutbox();
  } catch (error) {
    if (!(error instanceof StateError || error instanceof LockedError)) throw error;
    const late = "so waiting notifications may take a day";
    log.warning(`could not save that the webhook works again, ${late}: ${error.message}`);
  }
}
