import type { Config } from "../config/config.ts";
import { noteAnswer } from "../discord/dead-webhook.ts";
import { LockedError, StateError } from "../errors.ts";
import { openStore } from "../state/open-store.ts";
import { takeLock } from "../state/run-lock.ts";
import type { Log } from "../terminal/log.ts";

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
