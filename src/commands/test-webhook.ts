import { fingerprint } from "../config/accounts.ts";
import type { Config } from "../config/config.ts";
import { noteAnswer } from "../discord/deliver.ts";
import { sampleMessage, textsFor } from "../discord/message.ts";
import { createWebhook } from "../discord/webhook.ts";
import { ExitCode, LockedError, StateError, UsageError } from "../errors.ts";
import { becomeOwner } from "../state/become-owner.ts";
import { takeLock } from "../state/run-lock.ts";
import { openStore } from "../state/store.ts";
import type { Log } from "../terminal/log.ts";
import type { Invocation } from "./invocation.ts";
import { begin } from "./setup.ts";
import { createStopControl } from "./stop-control.ts";

/** Forgets that a webhook was found dead, now that it works again: the next sweep calls it at once. */
export async function reviveWebhook(config: Config, fingerprint: string, log: Log): Promise<void> {
  const options = { folder: config.stateDir, now: () => new Date() };
  try {
    const seen = await openStore({ ...options, mode: "read" });
    if (seen.outbox.dead_webhook?.fingerprint !== fingerprint) return;
    const lock = await takeLock(config.stateDir);
    try {
      const store = await openStore({ ...options, mode: "write" });
      noteAnswer(store.outbox);
      await store.saveOutbox();
    } finally {
      await lock.release();
    }
  } catch (error) {
    if (!(error instanceof StateError || error instanceof LockedError)) throw error;
    log.warning(
      `it could not be noted that the webhook works again, so waiting notifications may take a day: ${error.message}`,
    );
  }
}

const LONGEST_TEST_MS = 2 * 60_000;

/** `magnets test-webhook`: posts a sample notification and says what Discord answered. */
export async function testWebhook(invocation: Invocation): Promise<ExitCode> {
  const { config, log } = await begin(invocation, { keysRequired: true });
  const { webhookUrl } = config;
  if (webhookUrl === undefined) {
    throw new UsageError(
      "no webhook is configured: put its address into discord_webhook_url (Discord: Server Settings, Integrations, Webhooks)",
    );
  }
  const done = await becomeOwner(config.stateDir, config.file);
  if (done !== undefined) return done;
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
