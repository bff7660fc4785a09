import { checkWebhook } from "./check-webhook.ts";
import type { Problem } from "./problem.ts";
import { readSecretFile } from "./read-secret-file.ts";
import type { Settings } from "./schema.ts";

/** The webhook's address, if any, and what is to be said about it. */
export interface ChosenWebhook {
  readonly url?: string;
  readonly problems: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** Takes the webhook from `$MAGNETS_DISCORD_WEBHOOK_URL`, else from the config file or the file named there. */
export function chooseWebhook(
  settings: Settings,
  configFile: string | undefined,
  env: NodeJS.ProcessEnv,
): ChosenWebhook {
  const variable = env.MAGNETS_DISCORD_WEBHOOK_URL?.trim();
  if (variable) return checked(variable, { inFile: false, path: ["MAGNETS_DISCORD_WEBHOOK_URL"] });
  const address = settings.discord_webhook_url?.trim();
  const addressFile = settings.discord_webhook_url_file?.trim();
  const place = { inFile: true, path: ["discord_webhook_url_file"] };
  if (address && addressFile) {
    const text = "discord_webhook_url is given too: keep one of the two";
    return { problems: [{ ...place, text }], warnings: [] };
  }
  if (address) return checked(address, { inFile: true, path: ["discord_webhook_url"] });
  if (!addressFile || configFile === undefined) return { problems: [], warnings: [] };
  const secret = readSecretFile(addressFile, configFile, env);
  if ("problem" in secret) return { problems: [{ ...place, text: secret.problem }], warnings: [] };
  const warnings = secret.warning === undefined ? [] : [{ ...place, text: secret.warning }];
  if (secret.text === "") return { problems: [{ ...place, text: "the file is empty" }], warnings };
  return { ...checked(secret.text, place), warnings };
}

function checked(text: string, place: Omit<Problem, "text">): ChosenWebhook {
  const check = checkWebhook(text);
  if ("url" in check) return { url: check.url, problems: [], warnings: [] };
  return { problems: [{ ...place, text: check.problem }], warnings: [] };
}
