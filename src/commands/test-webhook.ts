import { fingerprint } from "../config/fingerprint.ts";
import { sampleMessage } from "../discord/message.ts";
import { textsFor } from "../discord/texts-for.ts";
import { createWebhook } from "../discord/webhook.ts";
import { UsageError } from "../errors.ts";
import { ExitCode } from "../exit-codes.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { begin } from "./begin.ts";
import type { Invocation } from "./invocation.ts";
import { reviveWebhook } from "./revive-webhook.ts";
import { createStopControl } from "./stop-control.ts";

const LONGEST_TEST_MS = 2 * 60_000;

/** `magnets test-webhook`: posts a sample notification and says what Discord answered. */
export async function testWebhook(invocation: Invocation): Promise<ExitCode> {
  invocation.letReadersStall();
  const { config, log } = await begin(invocation, { keysRequired: true });
  const { webhookUrl } = config;
  if (webhookUrl === undefined) {
    throw new UsageError(
      "no webhook is configured: put its address into discord_webhook_url (Discord: Server Settings, Integrations, Webhooks)",
    );
  }
  await becomeOwner(config.stateDir, config.file);
  const stop = createStopControl(LONGEST_TEST_MS, (message) => log.warning(message));
  try {
    const webhook = createWebhook({
      url: webhookUrl,
      signals: { stopping: stop.stopping.signal, abort: stop.abort },
    });
    const outcome = await webhook.send(sampleMessage(textsFor(config.language)));
    const cause = stop.cause();
    if (outcome.kind === "delivered") {
      invocation.print([
        `Discord took the sample notification (${outcome.status}): look for it in the channel`,
      ]);
      await reviveWebhook(config, fingerprint(webhookUrl), log);
      return ExitCode.ok;
    }
    const reason =
      outcome.kind === "refused"
        ? `Discord refused it (${outcome.status}): ${outcome.reason}`
        : outcome.message;
    log.error(`the sample notification did not arrive: ${reason}`);
    return cause?.exitCode ?? ExitCode.failed;
  } finally {
    stop.dispose();
  }
}
