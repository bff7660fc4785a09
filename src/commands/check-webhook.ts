import type { Config } from "../config/config.ts";
import { type Finding, failed, ok } from "../core/finding.ts";
import type { StopControl } from "./stop-control.ts";

/** Whether Discord knows the webhook. Nothing is posted. */
export async function checkWebhook({ webhookUrl }: Config, stop: StopControl): Promise<Finding> {
  if (webhookUrl === undefined) return ok("webhook", "none is configured: deletions are not announced");
  const { createWebhook } = await import("../discord/webhook.ts");
  const signals = { stopping: stop.stopping.signal, abort: stop.abort };
  const outcome = await createWebhook({ url: webhookUrl, signals }).inspect();
  switch (outcome.kind) {
    case "found": {
      const name = outcome.name ? ` as "${outcome.name}"` : "";
      return ok("webhook", `Discord knows it${name}; to see a message: magnets test-webhook`);
    }
    case "dead": {
      const remedy =
        "make a new one (Discord: Server Settings, Integrations, Webhooks) and put its address into discord_webhook_url";
      return failed("webhook", outcome.message, remedy);
    }
    case "unavailable":
      return failed("webhook", outcome.message, "try again later: what can't be sent now waits");
  }
}
