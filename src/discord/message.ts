import type { Notice } from "../core/records.ts";
import type { Language } from "../core/settings.ts";
import { COLORS, embedOf } from "./embeds.ts";
import { embedLength, LIMITS, type WebhookPayload } from "./payload.ts";
import type { Texts } from "./texts.ts";
import { englishTexts } from "./texts-en.ts";
import { frenchTexts } from "./texts-fr.ts";

/** The texts of a language. */
export function textsFor(language: Language): Texts {
  return language === "fr" ? frenchTexts : englishTexts;
}

/** A message for Discord, and the notices it tells. */
export interface DiscordMessage {
  readonly payload: WebhookPayload;
  readonly notices: readonly Notice[];
}

const USERNAME = "magnets";

/** Puts notices, in their order, into as few messages as Discord's limits allow; one embed each. */
export function buildMessages(notices: readonly Notice[], texts: Texts): DiscordMessage[] {
  const messages: { payload: WebhookPayload; notices: Notice[] }[] = [];
  let used = 0;
  for (const notice of notices) {
    const embed = embedOf(notice, texts);
    const length = embedLength(embed);
    const last = messages.at(-1);
    if (last && last.notices.length < LIMITS.embeds && used + length <= LIMITS.total) {
      last.payload.embeds.push(embed);
      last.notices.push(notice);
      used += length;
    } else {
      messages.push({ payload: payloadOf([embed]), notices: [notice] });
      used = length;
    }
  }
  return messages;
}

/** The message that `test-webhook` posts. */
export function sampleMessage(texts: Texts): WebhookPayload {
  return payloadOf([{ title: texts.sampleTitle, description: texts.sampleBody, color: COLORS.blue }]);
}

function payloadOf(embeds: WebhookPayload["embeds"]): WebhookPayload {
  return { username: USERNAME, allowed_mentions: { parse: [] }, embeds };
}
